import { useEffect, useRef, useState } from 'preact/hooks';
import type { TimelineEntry } from '../client/client.ts';
import { useWords, type Words } from './locale.ts';

export interface NewMessagesProps {
  readonly entries: readonly TimelineEntry[];
  readonly loaded: boolean;
  readonly nameOf: (entry: TimelineEntry) => string;
}

/** Lines that the region keeps; a screen reader has read the older ones. */
const MAX_LINES = 5;

/** Says who wrote what when it comes in, and when an own message could not be sent. Nothing of what was there before. */
export function NewMessages({ entries, loaded, nameOf }: NewMessagesProps) {
  const words = useWords();
  const [lines, setLines] = useState<readonly { readonly key: string; readonly text: string }[]>([]);
  const known = useRef<{ seq: number; failed: Set<string> } | undefined>(undefined);
  useEffect(() => {
    if (!loaded) {
      // Another conversation comes, e.g. that of a guest who signed in: what it brings was there before.
      known.current = undefined;
      return;
    }
    const failed = new Set(entries.filter((entry) => entry.state === 'failed').map((entry) => entry.key as string));
    const seq = entries.reduce((highest, entry) => Math.max(highest, entry.seq ?? 0), 0);
    const before = known.current;
    known.current = { seq, failed };
    if (!before) return;
    const came = entries
      .filter((entry) => !entry.mine && (entry.seq ?? 0) > before.seq)
      .map((entry) => ({ key: entry.key as string, text: words.wrote(nameOf(entry), plainText(entry, words)) }));
    const broke = [...failed]
      .filter((key) => !before.failed.has(key))
      .map((key) => ({ key: `${key}-failed`, text: words.notSent }));
    if (came.length + broke.length) setLines((old) => [...old, ...came, ...broke].slice(-MAX_LINES));
  }, [entries, loaded]);
  return (
    <div class="unseen" aria-live="polite" aria-relevant="additions">
      {lines.map((line) => (
        <p key={line.key}>{line.text}</p>
      ))}
    </div>
  );
}

/** A message in one line of text, e.g. for a preview. */
export function plainText({ content }: Pick<TimelineEntry, 'content'>, words: Words): string {
  switch (content.kind) {
    case 'text':
      return content.text;
    case 'image':
      return words.picture(content.file.name);
    case 'file':
      return words.file(content.file.name);
    case 'upload':
      return content.image ? words.picture(content.name) : words.file(content.name);
    case 'recall':
    case 'recalled':
      return words.recalled;
    case 'delete':
    case 'deleted':
      return words.deleted;
    default:
      return words.unknownContent;
  }
}
