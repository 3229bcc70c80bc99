import { useEffect, useState } from 'preact/hooks';
import type { PendingContent } from '../../client/client.ts';
import { formatBytes } from '../bytes.ts';
import { Icon } from '../icon.tsx';
import { cross, file as fileIcon } from '../icons.ts';
import { useSpeech } from '../locale.ts';

export interface UploadContentProps {
  readonly content: PendingContent;
  /** 0 to 1; undefined: waiting or failed. */
  readonly progress: number | undefined;
  readonly failed: boolean;
  readonly onCancel: () => void;
}

export function UploadContent({ content, progress, failed, onCancel }: UploadContentProps) {
  const { words, locale } = useSpeech();
  const preview = usePreview(content);
  return (
    <div class={preview ? 'upload with-picture' : 'upload'}>
      {preview && <img src={preview} alt={words.picture(content.name)} />}
      <div class="file">
        <Icon icon={fileIcon} />
        <span class="file-words">
          <span class="file-name" dir="auto">
            {content.name}
          </span>
          <span class="file-size">{formatBytes(content.size, locale)}</span>
        </span>
        {!failed && (
          <button type="button" class="cancel" aria-label={`${words.cancelUpload}: ${content.name}`} onClick={onCancel}>
            <Icon icon={cross} />
          </button>
        )}
      </div>
      {!failed && <progress aria-label={words.uploading(content.name)} max={1} value={progress ?? 0} />}
    </div>
  );
}

function usePreview({ image, blob }: PendingContent): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!image || !blob.size) return undefined;
    const made = URL.createObjectURL(blob);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [image, blob]);
  return address;
}
