import { useState } from 'preact/hooks';
import type { File } from '../../protocol/files.ts';
import { useWords } from '../locale.ts';
import { FileContent } from './file.tsx';
import { fitBox } from './fit-box.ts';

export interface ImageContentProps {
  readonly file: File;
}

/** The space is there before the picture is, so that nothing moves when it comes. */
export function ImageContent({ file }: ImageContentProps) {
  const words = useWords();
  const [broken, setBroken] = useState(false);
  if (broken) return <FileContent file={file} />;
  const { width, height } = fitBox(file.width, file.height);
  return (
    <a
      class="picture"
      href={file.url}
      target="_blank"
      rel="noopener"
      style={{ width: `${width}px`, aspectRatio: `${width / height}` }}
    >
      <img
        src={file.url}
        alt={words.picture(file.name)}
        width={width}
        height={height}
        loading="lazy"
        decoding="async"
        onError={() => setBroken(true)}
      />
    </a>
  );
}
