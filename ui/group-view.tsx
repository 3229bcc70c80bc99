import { Component, type ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import type { TimelineEntry } from '../client/client.ts';
import { errorKinds } from '../protocol/errors.ts';
import type { ClientMessageId } from '../protocol/ids.ts';
import type { User } from '../protocol/users.ts';
import { plainText } from './announcements.tsx';
import { Avatar } from './avatar.tsx';
import { FileContent } from './content/file.tsx';
import { ImageContent } from './content/image.tsx';
import { isEmojiOnly, TextContent } from './content/text.tsx';
import { UploadContent } from './content/upload.tsx';
import { type Group, sameGroup } from './grouping.ts';
import { Icon } from './icon.tsx';
import { check, checkCheck, clock } from './icons.ts';
import { type Speech, useSpeech } from './locale.ts';
import { clockTime, fullTime, stamp } from './time.ts';

export interface RowActions {
  readonly onRetry: (key: ClientMessageId) => void;
  readonly onDiscard: (key: ClientMessageId) => void;
  /** What can be done with a message, if anything; may come later than the list. */
  readonly RowMenu?: ComponentType<{ readonly entry: TimelineEntry }> | undefined;
}

export interface GroupViewProps extends RowActions {
  readonly group: Group;
  /** Who wrote it; undefined: not known (yet). */
  readonly sender: User | undefined;
  /** What to call the sender. */
  readonly name: string;
  /** Its last row is the last own message: the state stands under it in words. */
  readonly last: boolean;
  readonly now: number;
  /** The words may change while it stands. */
  readonly speech: Speech;
}

/** Drawn again only when something of it changed: a list may hold thousands. */
export class GroupView extends Component<GroupViewProps> {
  override shouldComponentUpdate(next: Readonly<GroupViewProps>): boolean {
    const { group, sender, name, last, now, speech, RowMenu } = this.props;
    const stampChanged = stampOf(group, now, speech) !== stampOf(next.group, next.now, next.speech);
    const sameRest = sender === next.sender && name === next.name && last === next.last && speech === next.speech;
    return RowMenu !== next.RowMenu || !sameRest || stampChanged || !sameGroup(group, next.group);
  }

  override render({ group, sender, name, last, now, speech, ...actions }: GroupViewProps) {
    const own = group.entries.at(-1);
    // A colleague writes on the own side, too, and is not "you".
    const named = !group.entries[0]?.mine;
    return (
      <div class={group.mine ? 'group mine' : 'group'}>
        {!group.mine && <Avatar user={sender} name={name} />}
        <div class="rows">
          <span class="unseen">{named ? name : speech.words.you}</span>
          {group.entries.map((entry) => (
            <Row key={entry.key} entry={entry} {...actions} />
          ))}
          <div class="stamp">
            {named && <span dir="auto">{name}</span>}
            <time dateTime={isoOf(own)} title={fullTime(own?.at ?? now, speech.locale)}>
              {stampOf(group, now, speech)}
            </time>
            {own?.mine && own.state !== 'failed' && !isGone(own) && <OwnState entry={own} inWords={last} />}
          </div>
        </div>
      </div>
    );
  }
}

/** Taken back or away. */
const isGone = ({ content: { kind } }: TimelineEntry) => kind === 'recalled' || kind === 'deleted';

const isoOf = (entry: TimelineEntry | undefined) => new Date(entry?.at ?? 0).toISOString();

const stampOf = (group: Group, now: number, { locale, words }: Speech) =>
  stamp(group.entries.at(-1)?.at ?? now, now, locale, words.justNow);

function OwnState({ entry, inWords }: { readonly entry: TimelineEntry; readonly inWords: boolean }) {
  const { words } = useSpeech();
  if (entry.state === 'failed') return null;
  const name = words.states[entry.state];
  if (inWords) return <span class="state">{name}</span>;
  const icon =
    entry.state === 'sent' ? check : entry.state === 'queued' || entry.state === 'sending' ? clock : checkCheck;
  return (
    <span class={`state with-icon ${entry.state}`} title={name}>
      <Icon icon={icon} small />
      <span class="unseen">{name}</span>
    </span>
  );
}

interface RowProps extends RowActions {
  readonly entry: TimelineEntry;
}

function Row({ entry, onRetry, onDiscard, RowMenu }: RowProps) {
  const { locale } = useSpeech();
  const [tapped, setTapped] = useState(false);
  const { content, state } = entry;
  const bare = content.kind === 'image' || (content.kind === 'text' && isEmojiOnly(content.text));
  const look = `bubble is-${content.kind}${bare ? ' bare' : ''}${state === 'failed' ? ' failed' : ''}`;
  return (
    <div class={tapped ? 'row tapped' : 'row'} data-key={entry.key} data-seq={entry.seq}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a tap only shows the time, which screen readers have anyway */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
      <div class={look} onClick={() => setTapped(!tapped)}>
        <Content entry={entry} onDiscard={onDiscard} />
      </div>
      {RowMenu && <RowMenu entry={entry} />}
      <time class="row-time" dateTime={isoOf(entry)}>
        {clockTime(entry.at, locale)}
      </time>
      {state === 'failed' && <Failure entry={entry} onRetry={onRetry} onDiscard={onDiscard} />}
    </div>
  );
}

function Content({ entry, onDiscard }: Pick<RowProps, 'entry' | 'onDiscard'>) {
  const { words } = useSpeech();
  const { content, state, progress, key } = entry;
  switch (content.kind) {
    case 'text':
      return <TextContent text={content.text} />;
    case 'image':
      return <ImageContent file={content.file} />;
    case 'file':
      return <FileContent file={content.file} />;
    case 'upload':
      return (
        <UploadContent
          content={content}
          progress={progress}
          failed={state === 'failed'}
          onCancel={() => onDiscard(key)}
        />
      );
    default:
      // Taken back or away, or a kind of a newer server.
      return <div class="text">{plainText(entry, words)}</div>;
  }
}

function Failure({ entry, onRetry, onDiscard }: RowProps) {
  const { words } = useSpeech();
  const reason = entry.error && words.failures[entry.error];
  // What is too long or too large stays so.
  const hopeless = reason && entry.error && errorKinds[entry.error].retry === 'never';
  return (
    <div class="failure">
      {hopeless ? (
        <p>{reason}</p>
      ) : (
        <button type="button" onClick={() => onRetry(entry.key)}>
          {reason ?? words.notSent}
        </button>
      )}
      <button type="button" onClick={() => onDiscard(entry.key)}>
        {words.discard}
      </button>
    </div>
  );
}
