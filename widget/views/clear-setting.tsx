import { useEffect, useRef, useState } from 'preact/hooks';
import type { Chat } from '../chat.ts';
import { languageOf } from '../speech.ts';
import { clearWords } from './clear-words.ts';

export interface ClearSettingProps {
  readonly chat: Chat;
  /** It is empty now. */
  readonly onDone: () => void;
}

/** Nothing brings back what was cleared, so this asks once. */
export function ClearSetting({ chat, onDone }: ClearSettingProps) {
  const { client } = chat;
  const words = clearWords(languageOf(chat.speech.value));
  const [asking, setAsking] = useState(false);
  const [failed, setFailed] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (asking) keep.current?.focus();
  }, [asking]);
  const conversation = chat.conversation.value;
  const seq = conversation?.lastSeq ?? 0;
  if (!conversation || seq <= (conversation.clearedSeq ?? 0)) return null;
  const { conversationId } = conversation;
  const clear = async () => {
    try {
      await client.request('message.clear', { conversationId, upTo: seq }, { timeoutMs: 8_000 });
      client.markRead(conversationId, seq);
      onDone();
    } catch {
      setFailed(true);
    }
  };
  return (
    <section>
      <h2>{words.title}</h2>
      {asking ? (
        <>
          <p role="status">{failed ? words.failed : words.warning}</p>
          <div class="choices">
            <button type="button" class="button danger" onClick={() => void clear()}>
              {words.yes}
            </button>
            <button type="button" class="button quiet" ref={keep} onClick={() => setAsking(false)}>
              {words.no}
            </button>
          </div>
        </>
      ) : (
        <button type="button" class="plain" onClick={() => setAsking(true)}>
          {words.clear}
        </button>
      )}
    </section>
  );
}
