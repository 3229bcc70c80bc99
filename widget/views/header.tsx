import { Avatar } from '../../ui/avatar.tsx';
import { Icon } from '../../ui/icon.tsx';
import { chevronLeft, cross } from '../../ui/icons.ts';
import type { Chat } from '../chat.ts';
import { MenuButton } from './menu-button.tsx';

export interface HeaderProps {
  readonly chat: Chat;
  readonly frame: 'embed' | 'page' | 'mini-program';
  readonly leave: (() => void) | undefined;
}

/** Who answers: the person who did last, else the tenant. */
export function Header({ chat, frame, leave }: HeaderProps) {
  const { words } = chat.speech.value;
  const agent = chat.agent.value;
  const tenant = chat.tenant.value;
  // Without a connection nobody knows.
  const connection = chat.client.connection.value;
  const known = connection.name === 'open' && !connection.offline;
  const online = chat.client.deskOnline.value;
  return (
    <header class="header">
      {frame === 'mini-program' && leave && (
        <button type="button" class="icon-button" aria-label={words.back} onClick={leave}>
          <Icon icon={chevronLeft} />
        </button>
      )}
      <Avatar user={agent} name={tenant.name} size={36} />
      <div class="header-words">
        <h1 dir="auto">{agent?.name ?? tenant.name}</h1>
        <p class={known && online ? 'desk online' : 'desk'} role="status">
          {known && (online ? words.online : words.away)}
        </p>
      </div>
      <MenuButton chat={chat} />
      {frame === 'embed' && leave && (
        <button type="button" class="icon-button" aria-label={words.close} title={words.close} onClick={leave}>
          <Icon icon={cross} />
        </button>
      )}
    </header>
  );
}
