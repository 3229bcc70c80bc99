/** Where a message is written: a field that grows from one line to six, files by button, paste and drop, emoji. */
import type { ComponentType } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { TEXT_MAX_LENGTH } from '../protocol/limits.ts';
import { keepDraft, readDraft } from './drafts.ts';
import type { EmojiPickerProps } from './emoji/emoji-picker.tsx';
import { EnterKey } from './enter-key.ts';
import { type FileLimits, objectionTo } from './file-check.ts';
import { useFileDrop } from './file-drop.ts';
import { Icon } from './icon.tsx';
import { arrowUp, cross, paperclip, smile } from './icons.ts';
import { useSpeech } from './locale.ts';

export interface ComposerProps {
  readonly onSend: (text: string) => void;
  /** Only files against which nothing speaks. */
  readonly onFiles: (files: File[]) => void;
  /** On each change: whether something is written. */
  readonly onTyping: (typing: boolean) => void;
  /** Of the welcome; undefined: not known yet, the server decides. */
  readonly limits?: FileLimits | undefined;
  /** Nothing can be sent to this conversation. Default false. */
  readonly disabled?: boolean;
  /** Default: the word for a message. */
  readonly placeholder?: string;
  /** The conversation, for its draft. */
  readonly draftKey: string;
  /** Takes the focus when it appears. Default false: on phones that opens the keyboard. */
  readonly autoFocus?: boolean;
}

/** Characters below the limit at which the counter appears. */
const COUNTER_FROM = 500;

export function Composer(props: ComposerProps) {
  const { onSend, onTyping, limits, disabled = false, draftKey } = props;
  const speech = useSpeech();
  const { words } = speech;
  const [text, setText] = useState(() => readDraft(draftKey));
  const [objections, setObjections] = useState<readonly string[]>([]);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [enter] = useState(() => new EnterKey());
  const left = TEXT_MAX_LENGTH - text.length;
  const sendable = !disabled && left >= 0 && text.trim() !== '';

  const write = (next: string) => {
    setText(next);
    keepDraft(draftKey, next);
    onTyping(next.trim() !== '');
  };
  const send = () => {
    if (!sendable) return;
    onSend(text.trim());
    write('');
    setObjections([]);
    field.current?.focus();
  };
  const take = useCallback(
    (files: File[]) => {
      const judged = files.map((file) => ({ file, objection: objectionTo(file, limits, speech) }));
      setObjections(judged.flatMap(({ objection }) => objection ?? []));
      const good = judged.filter(({ objection }) => !objection).map(({ file }) => file);
      if (good.length) props.onFiles(good);
    },
    [limits, speech, props.onFiles],
  );
  const held = useFileDrop(!disabled, take);

  useEffect(() => setText(readDraft(draftKey)), [draftKey]);
  useEffect(() => {
    if (props.autoFocus) field.current?.focus({ preventScroll: true });
  }, [draftKey, props.autoFocus]);
  useGrowth(field, text);

  return (
    <div class="composer">
      {objections.length > 0 && (
        <div class="objections" role="alert">
          <div>
            {objections.map((objection) => (
              <p key={objection}>{objection}</p>
            ))}
          </div>
          <button type="button" class="icon-button" aria-label={words.close} onClick={() => setObjections([])}>
            <Icon icon={cross} />
          </button>
        </div>
      )}
      {left < COUNTER_FROM && (
        <p class={left < 0 ? 'counter over' : 'counter'} role="status">
          {left < 0 ? words.tooLong(-left) : words.charactersLeft(left)}
        </p>
      )}
      <div class="composer-row">
        <input
          ref={picker}
          class="unseen"
          type="file"
          multiple
          tabIndex={-1}
          aria-hidden="true"
          accept={limits?.fileMediaTypes.join(',') ?? ''}
          onChange={() => {
            take([...(picker.current?.files ?? [])]);
            // The same file can be chosen again.
            if (picker.current) picker.current.value = '';
          }}
        />
        <button
          type="button"
          class="icon-button"
          aria-label={words.attach}
          title={words.attach}
          disabled={disabled}
          onClick={() => picker.current?.click()}
        >
          <Icon icon={paperclip} />
        </button>
        <EmojiButton disabled={disabled} onPick={(emoji) => insert(field.current, emoji, write)} />
        <textarea
          ref={field}
          rows={1}
          value={text}
          disabled={disabled}
          dir="auto"
          enterkeyhint="send"
          aria-label={words.message}
          placeholder={props.placeholder ?? words.message}
          onInput={(event) => write(event.currentTarget.value)}
          onCompositionStart={() => enter.compositionStarted()}
          onCompositionEnd={(event) => enter.compositionEnded(event.timeStamp)}
          onBlur={() => onTyping(false)}
          onPaste={(event) => {
            const files = [...(event.clipboardData?.files ?? [])];
            // Office programs put a picture of the text beside the text: the text is meant.
            if (!files.length || event.clipboardData?.types.includes('text/plain')) return;
            event.preventDefault();
            take(files);
          }}
          onKeyDown={(event) => {
            if (!enter.sends(event)) return;
            event.preventDefault();
            send();
          }}
        />
        <button
          type="button"
          class={text.trim() ? 'send shown' : 'send'}
          aria-label={words.send}
          title={words.send}
          disabled={!sendable}
          onClick={send}
        >
          <Icon icon={arrowUp} />
        </button>
      </div>
      {held && (
        <div class="drop-overlay" aria-hidden="true">
          <p>{words.dropFiles}</p>
        </div>
      )}
    </div>
  );
}

interface EmojiButtonProps {
  readonly disabled: boolean;
  readonly onPick: (emoji: string) => void;
}

/** The picker comes when it is wanted for the first time. */
function EmojiButton({ disabled, onPick }: EmojiButtonProps) {
  const { words } = useSpeech();
  const [open, setOpen] = useState(false);
  const [Picker, setPicker] = useState<ComponentType<EmojiPickerProps>>();
  const button = useRef<HTMLButtonElement>(null);
  const load = async () => {
    if (Picker) return;
    try {
      const { EmojiPicker } = await import('./emoji/emoji-picker.tsx');
      setPicker(() => EmojiPicker);
    } catch {
      // Offline before it was ever loaded: the device's own keyboard has emoji, too.
      setOpen(false);
    }
  };
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div class="emoji-anchor">
      <button
        ref={button}
        type="button"
        class="icon-button"
        aria-label={words.emoji}
        title={words.emoji}
        aria-expanded={open}
        aria-haspopup="dialog"
        disabled={disabled}
        onPointerEnter={() => void load()}
        onClick={() => {
          setOpen(!open);
          void load();
        }}
      >
        <Icon icon={smile} />
      </button>
      {open && Picker && <Picker anchor={button} onClose={close} onPick={onPick} />}
    </div>
  );
}

/** Grows with its text; the style sheet says how far. */
function useGrowth(field: { readonly current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => grow(field.current), [text]);
  useLayoutEffect(() => {
    // Another width breaks the lines elsewhere; a panel that was not shown had no width at all.
    const observer = new ResizeObserver(() => grow(field.current));
    if (field.current) observer.observe(field.current);
    return () => observer.disconnect();
  }, []);
}

function grow(field: HTMLTextAreaElement | null): void {
  if (!field) return;
  field.style.height = 'auto';
  if (field.scrollHeight) field.style.height = `${field.scrollHeight}px`;
}

/** Puts it where the caret is. The caret follows; the field gets the focus only where that opens no keyboard. */
function insert(field: HTMLTextAreaElement | null, piece: string, write: (text: string) => void): void {
  if (!field) return;
  field.setRangeText(piece, field.selectionStart, field.selectionEnd, 'end');
  write(field.value);
}
