import { useEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../../protocol/conversations.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Icon } from '../../ui/icon.tsx';
import { chevronLeft, cross } from '../../ui/icons.ts';
import { useMinute } from '../../ui/minute.ts';
import { visitorOf } from '../inbox.ts';
import { type Detail, formDetails, personDetails } from '../person-details.ts';
import { useConsole } from './console-context.ts';

/** CSS pixels. */
const FACE_PX = 56;

/** A column where there is room, else a panel that slides in over the conversation. */
export function PersonView() {
  const { bench, words } = useConsole();
  const conversation = bench.conversation.value;
  const panel = useRef<HTMLElement>(null);
  const open = bench.route.place.value.person;
  useFocusWhenOpened(panel, open);
  if (!conversation) return null;
  return (
    <section
      ref={panel}
      class="column person"
      aria-label={words.person}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.preventDefault();
        bench.togglePerson();
      }}
    >
      <button type="button" class="icon-button person-close" aria-label={words.back} onClick={() => bench.route.up()}>
        <span class="when-panel">
          <Icon icon={cross} />
        </span>
        <span class="when-phone">
          <Icon icon={chevronLeft} />
        </span>
      </button>
      <Person conversation={conversation} />
    </section>
  );
}

function Person({ conversation }: { readonly conversation: Conversation }) {
  const { bench, words, locale } = useConsole();
  const now = useMinute(bench.client.now, bench.client.welcome.value);
  const user = visitorOf(conversation);
  const name = bench.nameOf(conversation);
  const details = personDetails(conversation.visitor, { words, locale, now });
  const form = formDetails(conversation.visitor);
  return (
    <div
      class="person-scroll"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <div class="person-head">
        <Avatar user={user} name={name} size={FACE_PX} />
        <h2 dir="auto">{name}</h2>
        {user && user.kind !== 'agent' && <p class="muted">{words.kinds[user.kind]}</p>}
      </div>
      {details.length + form.length === 0 && <p class="muted">{words.nothingKnown}</p>}
      <Details details={details} />
      {form.length > 0 && <h3>{words.form}</h3>}
      <Details details={form} />
    </div>
  );
}

function Details({ details }: { readonly details: readonly Detail[] }) {
  if (details.length === 0) return null;
  return (
    <dl class="details">
      {details.map(({ key, label, text, href, note }) => (
        <div key={key}>
          <dt dir="auto">{label}</dt>
          <dd dir="auto">
            {href ? (
              <a href={href} target="_blank" rel="noopener noreferrer nofollow">
                {text}
              </a>
            ) : (
              text
            )}
            {note && <span class="note-line">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function useFocusWhenOpened(panel: { readonly current: HTMLElement | null }, open: boolean): void {
  const before = useRef<Element | null>(null);
  useEffect(() => {
    const close = panel.current?.querySelector<HTMLElement>('.person-close');
    if (open) {
      before.current = document.activeElement;
      // Hidden where the person is a column of its own: there nothing opened.
      if (close?.offsetParent) close.focus({ preventScroll: true });
    } else if (before.current instanceof HTMLElement) {
      before.current.focus({ preventScroll: true });
      before.current = null;
    }
  }, [open]);
}
