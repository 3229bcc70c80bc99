/**
 * What can be done with one message: a button beside its bubble, seen on hover, focus or tap, and a short list above it.
 *
 * Of all the buttons of a conversation one is in the order of tabs, the newest or the one that had the focus last; the arrows go from
 * message to message. A stop at each of a hundred messages would lie between the reader and the composer.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Client, ConversationTarget, TimelineEntry } from '../client/client.ts';
import { recallableFor, removeMessage } from '../client/recall.ts';
import type { Removal } from '../protocol/content.ts';
import type { ErrorCode } from '../protocol/errors.ts';
import { Icon } from './icon.tsx';
import { ellipsis } from './icons.ts';
import { trash, undo } from './later-icons.ts';
import { useSpeech } from './locale.ts';
import { rowMenuWords } from './row-menu-words.ts';

export interface RowMenuOptions {
  readonly client: Client;
  readonly target: () => ConversationTarget;
  /** Any message of the conversation may be taken away. */
  readonly canDelete: boolean;
}

type Kind = Removal['kind'];
const icons = { recall: undo, delete: trash } as const;

/** For one list of messages; make it once, so that its rows stay what they are. */
export function createRowMenu({ client, target, canDelete }: RowMenuOptions) {
  return ({ entry }: { readonly entry: TimelineEntry }) => {
    const recallable = useRecallable(client, entry);
    const { seq, content } = entry;
    const conversationId = target();
    const isThere = content.kind !== 'recalled' && content.kind !== 'deleted';
    // Without a connection nobody is offered what could not be done.
    const isOpen = client.connection.value.name === 'open';
    if (seq === undefined || conversationId === 'new' || !isThere || !isOpen) return null;
    const kinds: Kind[] = [...(recallable ? ['recall' as const] : []), ...(canDelete ? ['delete' as const] : [])];
    if (kinds.length === 0) return null;
    return <RowMenu kinds={kinds} remove={(kind) => removeMessage(client, conversationId, { kind, seq })} />;
  };
}

/** Turns false by itself when the time is over. */
function useRecallable(client: Client, entry: TimelineEntry): boolean {
  const left = recallableFor(client, entry);
  const [, setOver] = useState(0);
  useEffect(() => {
    if (left <= 0) return undefined;
    // A timer of more than 24 days would fire at once.
    const timer = setTimeout(() => setOver((count) => count + 1), Math.min(left, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  }, [left > 0, entry.at]);
  return left > 0;
}

interface RowMenuProps {
  readonly kinds: readonly Kind[];
  readonly remove: (kind: Kind) => Promise<void>;
}

function RowMenu({ kinds, remove }: RowMenuProps) {
  const words = rowMenuWords(useSpeech().locale);
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useTabStop(menu);
  useLeaving(menu, open, () => setOpen(false));
  const toggle = () => {
    setProblem(undefined);
    setOpen(!open);
  };
  const act = async (kind: Kind) => {
    setBusy(true);
    try {
      await remove(kind);
      setOpen(false);
    } catch (error) {
      setProblem(words.problems[(error as { readonly code?: ErrorCode }).code ?? 'internal'] ?? words.failed);
    }
    setBusy(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes it, wherever the focus is in here
    <div
      class={open ? 'row-menu open' : 'row-menu'}
      ref={menu}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.stopPropagation();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        class="row-menu-button"
        tabIndex={-1}
        aria-label={words.options}
        title={words.options}
        aria-expanded={open}
        onClick={toggle}
        onFocus={(event) => stopAt(event.currentTarget)}
        onKeyDown={(event) => {
          const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
          if (!step) return;
          event.preventDefault();
          goFrom(event.currentTarget, step);
        }}
      >
        <Icon icon={ellipsis} />
      </button>
      {open && <Deeds kinds={kinds} busy={busy} problem={problem} act={(kind) => void act(kind)} />}
    </div>
  );
}

interface DeedsProps {
  readonly kinds: readonly Kind[];
  readonly busy: boolean;
  readonly problem: string | undefined;
  readonly act: (kind: Kind) => void;
}

function Deeds({ kinds, busy, problem, act }: DeedsProps) {
  const words = rowMenuWords(useSpeech().locale);
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<'above' | 'below' | 'inside'>('above');
  useLayoutEffect(() => {
    const element = box.current;
    const log = logOf(element);
    if (!element || !log) return;
    const { top, height } = element.getBoundingClientRect();
    // Above a long message it would be far from its button, above the first one beyond the edge of the list.
    const isLong = (element.closest('.row')?.clientHeight ?? 0) > 2 * height;
    if (isLong) setPlace('inside');
    else if (top < log.getBoundingClientRect().top) setPlace('below');
    element.querySelector('button')?.focus({ preventScroll: true });
  }, []);
  return (
    <div class={`row-deeds ${place}`} ref={box}>
      {kinds.map((kind) => (
        <button key={kind} type="button" class={kind} aria-disabled={busy} onClick={() => !busy && act(kind)}>
          <Icon icon={icons[kind]} />
          {words[kind]}
        </button>
      ))}
      <p role="status">{problem}</p>
    </div>
  );
}

const logOf = (element: Element | null | undefined) => element?.closest<HTMLElement>('[role=log]');

/** A tap beside it, or the focus going elsewhere. */
function useLeaving(menu: { readonly current: HTMLElement | null }, open: boolean, close: () => void): void {
  useEffect(() => {
    if (!open) return undefined;
    const leave = ({ target }: Event) => {
      if (target instanceof Node && !menu.current?.contains(target)) close();
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('focusin', leave);
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('focusin', leave);
    };
  }, [open]);
}

const buttonsOf = (log: Element) => [...log.querySelectorAll<HTMLElement>('.row-menu-button')];
const tended = new WeakSet<Element>();

/** After what comes in one go was drawn: the newest is the stop, unless somebody stands at another. */
function tend(log: Element): void {
  if (tended.has(log)) return;
  tended.add(log);
  queueMicrotask(() => {
    tended.delete(log);
    const buttons = buttonsOf(log);
    const newest = buttons.at(-1);
    if (newest && !buttons.includes(document.activeElement as HTMLElement)) stopAt(newest);
  });
}

function useTabStop(box: { readonly current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    const menu = box.current;
    const log = logOf(menu);
    if (!menu || !log) return undefined;
    tend(log);
    return () => {
      tend(log);
      // The menu goes with the message; whoever came by keyboard goes on from the list.
      if (menu.contains(document.activeElement)) log.focus({ preventScroll: true });
    };
  }, []);
}

function stopAt(button: HTMLElement): void {
  for (const other of buttonsOf(logOf(button) ?? button)) other.tabIndex = other === button ? 0 : -1;
}

function goFrom(button: HTMLElement, step: number): void {
  const buttons = buttonsOf(logOf(button) ?? button);
  buttons[buttons.indexOf(button) + step]?.focus();
}
