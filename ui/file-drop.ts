import { useEffect, useState } from 'preact/hooks';

/** Files dropped anywhere on the page. Returns whether some are held over it now. */
export function useFileDrop(enabled: boolean, onFiles: (files: File[]) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!enabled) return undefined;
    const end = new AbortController();
    const { signal } = end;
    const withFiles = (handle: (event: DragEvent) => void) => (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files')) handle(event);
    };
    // Without this the browser leaves the page and shows the file.
    const hold = withFiles((event) => {
      event.preventDefault();
      setOver(true);
    });
    const leave = withFiles((event) => {
      if (!event.relatedTarget) setOver(false);
    });
    const drop = withFiles((event) => {
      event.preventDefault();
      setOver(false);
      onFiles([...(event.dataTransfer?.files ?? [])]);
    });
    addEventListener('dragover', hold, { signal });
    addEventListener('dragleave', leave, { signal });
    addEventListener('drop', drop, { signal });
    return () => end.abort();
  }, [enabled, onFiles]);
  return over;
}
