/** What every dialect of the store must tell a client that comes back with the positions that it holds. */
import { describe, expect, test } from 'vitest';
import type { Held, Missed } from '../../protocol/conversations.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import {
  RESUME_FAR_COUNT,
  RESUME_MAX_BYTES,
  RESUME_MAX_COUNT,
  RESUME_MAX_TOTAL,
  TEXT_MAX_LENGTH,
} from '../../protocol/limits.ts';
import type { Viewer, VisitorSession } from '../../server/store/store.ts';
import { demo, dialects, other, useStore } from './store-fixture.ts';

const idOf = ({ conversation }: VisitorSession) => conversation.conversationId;
const seqsOf = ({ messages }: Missed) => messages.map(({ seq }) => seq);
const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

for (const [name, open] of Object.entries(dialects)) {
  describe(name, () => {
    const { store, guest, agent, asVisitor, refOf, say, identify } = useStore(open);

    /** A conversation of so many messages. */
    async function talk(count: number, text = 'hello'): Promise<VisitorSession> {
      const session = await guest();
      const sender = asVisitor(session);
      await Promise.all(from(1, count).map(() => say(sender, idOf(session), text)));
      return session;
    }
    const changes = (viewer: Viewer, held: readonly Held[], after = 0, tenantId = demo) =>
      store().of(tenantId).conversationChanges(viewer, after, 500, held);
    const missed = async (viewer: Viewer, held: readonly Held[]) => (await changes(viewer, held)).messages;
    const at = (session: VisitorSession, seq: number): Held => ({ conversationId: idOf(session), seq });

    test('the messages after each position, in the order asked for, and nothing of what is level', async () => {
      const desk = await agent();
      const [a, b, c] = [await talk(3), await talk(2), await talk(4)];
      const found = await missed(desk, [at(c, 1), at(b, 2), at(a, 0)]);
      expect(found?.map(({ conversationId }) => conversationId)).toEqual([idOf(c), idOf(a)]);
      expect(found?.map(seqsOf)).toEqual([
        [2, 3, 4],
        [1, 2, 3],
      ]);
      expect(found).toMatchObject([
        { lastSeq: 4, tooFar: false },
        { lastSeq: 3, tooFar: false },
      ]);
      const { messages } = await store()
        .of(demo)
        .listMessages(await refOf(desk, idOf(c)), { after: 1, before: undefined, limit: 10 });
      expect(found?.[0]?.messages).toEqual(messages);
      expect(await missed(asVisitor(a), [at(a, 2)])).toMatchObject([{ messages: [{ seq: 3 }] }]);
    });

    test('revisions that were not heard are told with what came later, but not what went on since', async () => {
      const desk = await agent();
      const [a, b, c] = [await talk(1), await talk(1), await talk(1)];
      const revisionOf = async (session: VisitorSession) =>
        (
          await store()
            .of(demo)
            .getConversation(desk, await refOf(desk, idOf(session)))
        ).revision;
      const [ofA, ofB, ofC] = [await revisionOf(a), await revisionOf(b), await revisionOf(c)];
      const tell = async (viewer: Viewer, unheard: readonly number[]) => {
        const news = await store().of(demo).conversationChanges(viewer, ofC, 500, [], unheard);
        return news.conversations.map(({ conversationId }) => conversationId);
      };
      expect(await tell(desk, [ofA])).toEqual([idOf(a)]);
      await say(asVisitor(a), idOf(a), 'goes on');
      expect(await tell(desk, [ofA, ofB])).toEqual([idOf(b), idOf(a)]);
      expect(await tell(desk, [await revisionOf(a)])).toEqual([idOf(a)]);
      expect(await tell(asVisitor(c), [ofB])).toEqual([]);
      expect(
        (
          await store()
            .of(other)
            .conversationChanges(await agent(other), ofC, 500, [], [ofB])
        ).conversations,
      ).toEqual([]);
    });

    test('without positions no messages are told', async () => {
      const desk = await agent();
      await talk(1);
      expect(await store().of(demo).conversationChanges(desk, 0, 500)).not.toHaveProperty('messages');
      expect((await changes(desk, [])).messages).toEqual([]);
    });

    test('positions are compared whatever the revision is, and also on a reset', async () => {
      const desk = await agent();
      const session = await talk(2);
      const { revision } = await changes(desk, []);
      const lost = [{ messages: [{ seq: 2 }] }];
      expect(await changes(desk, [at(session, 1)], revision)).toMatchObject({ conversations: [], messages: lost });
      expect(await changes(desk, [at(session, 1)], revision + 1)).toMatchObject({ reset: true, messages: lost });
    });

    test('who lacks too much, or holds what was never given, is told to reload', async () => {
      const desk = await agent();
      const session = await talk(RESUME_FAR_COUNT + 1);
      const [far] = (await missed(desk, [at(session, 0)])) ?? [];
      expect(far).toEqual({
        conversationId: idOf(session),
        messages: [],
        lastSeq: RESUME_FAR_COUNT + 1,
        tooFar: true,
      });
      const [near] = (await missed(desk, [at(session, 1)])) ?? [];
      expect(near).toMatchObject({ tooFar: false, lastSeq: RESUME_FAR_COUNT + 1 });
      expect(near && seqsOf(near)).toEqual(from(2, RESUME_MAX_COUNT));
      expect(await missed(desk, [at(session, RESUME_FAR_COUNT + 2)])).toMatchObject([{ tooFar: true, messages: [] }]);
    });

    test('an answer has room for so many messages; what has none is named all the same', async () => {
      const desk = await agent();
      const sessions = await Promise.all(from(1, 7).map(() => talk(90)));
      const found = (await missed(
        desk,
        sessions.map((session) => at(session, 0)),
      )) as Missed[];
      expect(found.map(({ messages }) => messages.length)).toEqual([90, 90, 90, 90, 90, 50, 0]);
      expect(found.flatMap(({ messages }) => messages)).toHaveLength(RESUME_MAX_TOTAL);
      for (const each of found) {
        expect(seqsOf(each)).toEqual(from(1, each.messages.length));
        expect(each).toMatchObject({ lastSeq: 90, tooFar: false });
      }
    });

    test('an answer has room for so many bytes', async () => {
      const desk = await agent();
      const [large, small] = [await talk(60, '汉'.repeat(TEXT_MAX_LENGTH)), await talk(60)];
      const found = (await missed(desk, [at(small, 0), at(large, 50), at(large, 0)])) as Missed[];
      expect(found.map(({ messages }) => messages.length)).toEqual([60, 5]);
      expect(Buffer.byteLength(JSON.stringify(found))).toBeLessThan(RESUME_MAX_BYTES * 1.1);
      expect(found[1]).toMatchObject({ lastSeq: 60, tooFar: false });
    });

    test('many positions are asked at once', async () => {
      const desk = await agent();
      const sessions = await Promise.all(from(1, 200).map(() => talk(1)));
      const held = sessions.map((session, index) => at(session, index % 2));
      const found = await missed(desk, held);
      expect(found?.map(({ conversationId }) => conversationId)).toEqual(
        sessions.filter((_, index) => index % 2 === 0).map(idOf),
      );
      expect(found?.every((each) => each.messages.length === 1)).toBe(true);
    });

    test('what is of others, of another tenant, merged or unknown is passed over', async () => {
      const desk = await agent();
      const [a, b] = [await talk(2), await talk(2)];
      const user = await identify('u-1');
      await say(asVisitor(user), idOf(user), 'before the merge');
      await identify('u-1', { guestId: b.user.userId });
      expect(await missed(asVisitor(user), [at(a, 0)])).toEqual([]);
      expect((await changes(await agent(other), [at(a, 0)], 0, other)).messages).toEqual([]);
      const nobody = { conversationId: 'nobody' as ConversationId, seq: 0 };
      const found = await missed(desk, [at(b, 0), nobody, at(user, 1)]);
      expect(found).toMatchObject([{ conversationId: idOf(user), messages: [{ seq: 2 }, { seq: 3 }] }]);
    });
  });
}
