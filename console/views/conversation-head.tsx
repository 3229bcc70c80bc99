import type { Conversation } from '../../protocol/conversations.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Icon } from '../../ui/icon.tsx';
import { check, chevronLeft } from '../../ui/icons.ts';
import { hand, person } from '../icons.ts';
import { assigneeOf, visitorOf } from '../inbox.ts';
import { waitingFor } from '../waiting.ts';
import { useConsole } from './console-context.ts';
import { KeyButton } from './key-button.tsx';

/** CSS pixels. */
const FACE_PX = 36;

export function ConversationHead({ conversation }: { readonly conversation: Conversation }) {
  const { bench, words } = useConsole();
  const name = bench.nameOf(conversation);
  return (
    <header class="column-head">
      <button type="button" class="icon-button back" aria-label={words.back} onClick={() => bench.route.up()}>
        <Icon icon={chevronLeft} />
      </button>
      <Avatar user={visitorOf(conversation)} name={name} size={FACE_PX} />
      <div class="head-text">
        <h2 title={name}>
          <bdi>{name}</bdi>
        </h2>
        <Status conversation={conversation} />
      </div>
      {bench.can('take') && <KeyButton action="take" icon={hand} class="button quiet compact" />}
      {bench.can('close') && <KeyButton action="close" icon={check} class="button quiet compact" />}
      <div class="person-toggle">
        <KeyButton action="person" icon={person} bare expanded={bench.route.place.value.person} />
      </div>
    </header>
  );
}

function Status({ conversation }: { readonly conversation: Conversation }) {
  const { bench, words } = useConsole();
  const { status, waitingSince, assigneeId } = conversation.service;
  const waiting =
    waitingSince === undefined ? undefined : waitingFor(waitingSince, bench.clock.time.value, words.duration);
  const holder =
    status === 'open'
      ? assigneeId === bench.agent.userId
        ? words.status.mine
        : words.status.other(assigneeOf(conversation)?.name ?? words.agent)
      : status === 'closed'
        ? words.status.closed
        : undefined;
  const wait =
    waiting && (waiting.text === words.duration.now ? words.status.waitingNew : words.status.waiting(waiting.text));
  return (
    <p class="status">
      {holder}
      {holder && wait && ' · '}
      {wait && <span class={waiting?.tooLong ? 'too-long' : undefined}>{wait}</span>}
    </p>
  );
}
