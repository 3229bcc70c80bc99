/** What every dialect of the store must do with a message that takes another one away. */
import { describe, expect, test } from 'vitest';
import type { Removal } from '../../protocol/content.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Appended, Viewer, VisitorSession } from '../../server/store/store.ts';
import { demo, dialects, ignore, NOW, newClientMessageId, useStore } from './store-fixture.ts';

const idOf = ({ conversation }: VisitorSession) => conversation.conversationId;

for (const [name, open] of Object.entries(dialects)) {
  describe(name, () => {
    const { store, guest, agent, asVisitor, say, look, textsOf, newMessage, identify, reopen } = useStore(open);

    function remove(
      sender: Viewer,
      id: ConversationId,
      content: Removal,
      {
        clientMessageId = newClientMessageId(),
        recallableSince = NOW,
        committed = ignore as (a: Appended) => void,
      } = {},
    ): Promise<Appended> {
      const message = { ...newMessage(id, sender, '', clientMessageId), content, recallableSince };
      return store().of(demo).appendMessage(message, committed);
    }
    const recall = (seq: number): Removal => ({ kind: 'recall', seq });
    const erase = (seq: number): Removal => ({ kind: 'delete', seq });

    async function talk() {
      const session = await guest();
      const visitor = asVisitor(session);
      const desk = await agent();
      await say(visitor, idOf(session), 'one');
      await say(desk, idOf(session), 'two');
      await say(visitor, idOf(session), 'three');
      return { session, visitor, desk, id: idOf(session) };
    }

    test('a recall is a message with the next number, and what it names is gone', async () => {
      const { visitor, desk, id } = await talk();
      const before = await look(desk, id);
      const { message, previousRevision, revision, repeated, change } = await remove(visitor, id, recall(1));
      expect(message).toMatchObject({ seq: 4, senderId: visitor.userId, content: recall(1) });
      expect([repeated, change, previousRevision]).toEqual([false, undefined, before.revision]);
      expect(await look(desk, id)).toMatchObject({ lastSeq: 4, lastMessage: message, revision });
      const texts = ['1 recalled', '2 two', '3 three', '4 recall'];
      expect([await textsOf(visitor, id), await textsOf(desk, id)]).toEqual([texts, texts]);
    });

    test('an agent deletes what anybody wrote, and recalls only what they wrote themselves', async () => {
      const { desk, id } = await talk();
      const colleague = await agent();
      await expect(remove(colleague, id, recall(2))).rejects.toMatchObject({ code: 'not-found' });
      await expect(remove(desk, id, recall(1))).rejects.toMatchObject({ code: 'not-found' });
      await remove(colleague, id, erase(2));
      await remove(colleague, id, erase(1));
      await remove(desk, id, erase(3), { recallableSince: NOW + 1 });
      expect((await textsOf(desk, id)).slice(0, 3)).toEqual(['1 deleted', '2 deleted', '3 deleted']);
    });

    test('a refused one takes no number and changes nothing', async () => {
      const { visitor, desk, id } = await talk();
      await remove(visitor, id, recall(1));
      const before = await look(desk, id);
      // Not there, another's, gone already, a recall itself, the next number.
      for (const seq of [0, 99, 2, 1, 4, 5])
        await expect(remove(visitor, id, recall(seq)), `seq ${seq}`).rejects.toMatchObject({ code: 'not-found' });
      for (const seq of [1, 4]) await expect(remove(desk, id, erase(seq))).rejects.toMatchObject({ code: 'not-found' });
      const late = { recallableSince: NOW + 1 };
      await expect(remove(visitor, id, recall(3), late)).rejects.toMatchObject({ code: 'recall-too-late' });
      expect(await look(desk, id)).toEqual(before);
      expect((await say(visitor, id, 'next')).message.seq).toBe(5);
    });

    test('a number beyond all numbers names no message of another conversation', async () => {
      const desk = await agent();
      const [first, second] = [await talk(), await talk()];
      const beyond = [2 ** 32 + 1, 2 ** 33 + 1, 2 ** 40, Number.MAX_SAFE_INTEGER];
      for (const seq of beyond)
        await expect(remove(desk, first.id, erase(seq)), `seq ${seq}`).rejects.toMatchObject({ code: 'not-found' });
      expect(await textsOf(desk, second.id)).toEqual(['1 one', '2 two', '3 three']);
    });

    test('sent again it gives the first result, also after a restart and when the time is over', async () => {
      const { visitor, id } = await talk();
      const clientMessageId = newClientMessageId();
      const first = await remove(visitor, id, recall(1), { clientMessageId });
      await reopen();
      const again = await remove(visitor, id, recall(1), { clientMessageId, recallableSince: NOW + 1 });
      expect(again).toMatchObject({ repeated: true, message: first.message });
      await expect(remove(visitor, id, recall(3), { clientMessageId })).rejects.toMatchObject({
        code: 'client-message-id-reused',
      });
      expect(await textsOf(visitor, id)).toEqual(['1 recalled', '2 two', '3 three', '4 recall']);
    });

    test('the original sent again, after it was taken back, is still a repeat', async () => {
      const { visitor, desk, id } = await talk();
      const [recalled, deleted] = [newClientMessageId(), newClientMessageId()];
      await say(visitor, id, 'four', { clientMessageId: recalled });
      await say(visitor, id, 'five', { clientMessageId: deleted });
      await remove(visitor, id, recall(4));
      await remove(desk, id, erase(5));
      const repeat = await say(visitor, id, 'four', { clientMessageId: recalled });
      expect(repeat).toMatchObject({ repeated: true, message: { seq: 4, content: { kind: 'recalled' } } });
      expect(await say(visitor, id, 'five', { clientMessageId: deleted })).toMatchObject({
        repeated: true,
        message: { seq: 5 },
      });
      expect((await look(desk, id)).lastSeq).toBe(7);
    });

    test('in one commit with its message, and twice in one commit', async () => {
      const { visitor, desk, id } = await talk();
      const clientMessageId = newClientMessageId();
      const told: number[] = [];
      const committed = ({ message, repeated }: Appended) => void (repeated || told.push(message.seq));
      const results = await Promise.all([
        say(visitor, id, 'four', { committed }),
        remove(visitor, id, recall(4), { clientMessageId, committed }),
        remove(visitor, id, recall(4), { clientMessageId, committed }),
        remove(desk, id, erase(4), { committed }).catch((error: { code: string }) => error.code),
        say(visitor, id, 'six', { committed }),
      ]);
      expect(results.map((each) => (typeof each === 'string' ? each : each.message.seq))).toEqual([
        4,
        5,
        5,
        'not-found',
        6,
      ]);
      expect(told).toEqual([4, 5, 6]);
      expect((await textsOf(visitor, id)).slice(3)).toEqual(['4 recalled', '5 recall', '6 six']);
    });

    test('it opens no closed conversation, takes none, and makes no member', async () => {
      const { visitor, id } = await talk();
      const desk = await agent();
      const conversation = await store().of(demo).findConversation(desk, id);
      if (!conversation) throw new Error('the conversation is not visible');
      await store().of(demo).changeService(conversation, desk.userId, 'close', ignore);
      const before = await look(desk, id);
      await remove(visitor, id, recall(3));
      await remove(await agent(), id, erase(1));
      const after = await look(desk, id);
      expect(after.service).toEqual(before.service);
      expect(after.members).toEqual(before.members);
    });

    test('when a guest’s messages move, their recalls move along', async () => {
      const user = await identify('known');
      await say(asVisitor(user), idOf(user), 'of the user');
      const session = await guest();
      const visitor = asVisitor(session);
      const clientMessageId = newClientMessageId();
      await say(visitor, idOf(session), 'a');
      await say(visitor, idOf(session), 'b');
      await remove(visitor, idOf(session), recall(1), { clientMessageId });
      await identify('known', { guestId: session.user.userId });
      const input = { after: 0, before: undefined, limit: 100 };
      const owner = asVisitor(user);
      const ref = await store().of(demo).findConversation(owner, idOf(user));
      const { messages } = await store()
        .of(demo)
        .listMessages(ref as NonNullable<typeof ref>, input);
      expect(messages.map(({ content }) => content)).toEqual([
        { kind: 'text', text: 'of the user' },
        { kind: 'recalled' },
        { kind: 'text', text: 'b' },
        recall(2),
      ]);
      // The device that sent it heard no answer and asks again by the old numbers.
      const again = await remove(visitor, idOf(session), recall(1), { clientMessageId });
      expect(again).toMatchObject({ repeated: true, message: { seq: 4, conversationId: idOf(user) } });
      await expect(remove(visitor, idOf(session), recall(2))).rejects.toMatchObject({ code: 'not-found' });
    });
  });
}
