import type { File } from '../../protocol/files.ts';
import { formatBytes } from '../bytes.ts';
import { Icon } from '../icon.tsx';
import { file as fileIcon } from '../icons.ts';
import { useSpeech } from '../locale.ts';

export interface FileContentProps {
  readonly file: File;
}

export function FileContent({ file }: FileContentProps) {
  const { locale } = useSpeech();
  return (
    <a class="file" href={file.url} target="_blank" rel="noopener">
      <Icon icon={fileIcon} />
      <span class="file-words">
        <span class="file-name" dir="auto">
          {file.name}
        </span>
        <span class="file-size">{formatBytes(file.size, locale)}</span>
      </span>
    </a>
  );
}
