/** What every dialect of the store must do with messages; store-fixture.ts has the list of dialects. */
import { describe, expect, test } from 'vitest';
import type { ConversationId, UserId } from '../../protocol/ids.ts';
import type { Appended, ConversationChange, Viewer, VisitorSession } from '../../server/store/store.ts';
import { demo, dialects, ignore, NOW, newClientMessageId, unique, useStore } from './store-fixture.ts';

for (const [name, open] of Object.entries(dialects)) {
  describe(name, () => {
    const { store, errors, reopen, guest, agent, asVisitor, refOf, say, newMessage, textsOf, look, read } =
      useStore(open);

    describe('messages', () => {
      test('many at a time in many conversations: each conversation counts 1, 2, 3 … without a gap', async () => {
        const sessions = await Promise.all(Array.from({ length: 20 }, () => guest()));
        const sent = sessions.flatMap((session) =>
          Array.from({ length: 30 }, (_, index) =>
            say(asVisitor(session), session.conversation.conversationId, `${index}`),
          ),
        );
        const results = await Promise.all(sent);
        expect(new Set(results.map(({ message }) => message.messageId)).size).toBe(600);
        for (const session of sessions) {
          const id = session.conversation.conversationId;
          const seqs = results.filter(({ message }) => message.conversationId === id).map(({ message }) => message.seq);
          expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
          expect(await textsOf(asVisitor(session), id)).toHaveLength(30);
        }
      });

      test('announcements come in the order of the revisions, each with the one before it', async () => {
        const session = await guest();
        const id = session.conversation.conversationId;
        const heard: Appended[] = [];
        const committed = (appended: Appended) => void heard.push(appended);
        await Promise.all(Array.from({ length: 50 }, (_, n) => say(asVisitor(session), id, `${n}`, { committed })));
        expect(heard.map(({ message }) => message.seq)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
        let revision = session.conversation.revision;
        for (const { previousRevision, revision: own, change } of heard) {
          expect(previousRevision).toBe(revision);
          if (change) expect(change.previousRevision).toBe(own);
          revision = change?.conversation.revision ?? own;
        }
        expect((await look(asVisitor(session), id)).revision).toBe(revision);
      });

      test('the same clientMessageId again is the first message and nothing new', async () => {
        const session = await guest();
        const id = session.conversation.conversationId;
        const clientMessageId = newClientMessageId();
        const first = await say(asVisitor(session), id, 'once', { clientMessageId });
        const again = await Promise.all(
          Array.from({ length: 5 }, () => say(asVisitor(session), id, 'once', { clientMessageId })),
        );
        for (const each of again) expect(each).toMatchObject({ repeated: true, message: first.message });
        expect(await textsOf(asVisitor(session), id)).toEqual(['1 once']);
      });

      test('the same clientMessageId with other content is refused, and its neighbours are not', async () => {
        const session = await guest();
        const id = session.conversation.conversationId;
        const clientMessageId = newClientMessageId();
        await say(asVisitor(session), id, 'first', { clientMessageId });
        const [before, reused, after] = await Promise.allSettled([
          say(asVisitor(session), id, 'before'),
          say(asVisitor(session), id, 'another', { clientMessageId }),
          say(asVisitor(session), id, 'after'),
        ]);
        expect(before).toMatchObject({ status: 'fulfilled', value: { message: { seq: 2 } } });
        expect(reused).toMatchObject({ status: 'rejected', reason: { code: 'client-message-id-reused' } });
        expect(after).toMatchObject({ status: 'fulfilled', value: { message: { seq: 3 } } });
      });

      test('two senders may use the same clientMessageId', async () => {
        const session = await guest();
        const id = session.conversation.conversationId;
        const clientMessageId = newClientMessageId();
        await say(asVisitor(session), id, 'mine', { clientMessageId });
        await say(await agent(), id, 'mine, too', { clientMessageId });
        expect(await textsOf(asVisitor(session), id)).toEqual(['1 mine', '2 mine, too']);
      });

      test('pages go forward, backward, and from the end', async () => {
        const session = await guest();
        const id = session.conversation.conversationId;
        for (let n = 1; n <= 7; n++) await say(asVisitor(session), id, `m${n}`);
        const ref = await refOf(asVisitor(session), id);
        const page = async (after: number | undefined, before: number | undefined) =>
          (await store().of(demo).listMessages(ref, { after, before, limit: 3 })).messages.map(({ seq }) => seq);
        expect(await page(undefined, undefined)).toEqual([5, 6, 7]);
        expect(await page(undefined, 5)).toEqual([2, 3, 4]);
        expect(await page(0, undefined)).toEqual([1, 2, 3]);
        expect(await page(7, undefined)).toEqual([]);
        const other = await guest();
        await say(asVisitor(other), other.conversation.conversationId, 'not theirs');
        for (const beyond of [2 ** 32, 2 ** 33, Number.MAX_SAFE_INTEGER]) {
          expect(await page(beyond, undefined)).toEqual([]);
          expect(await page(undefined, beyond)).toEqual([5, 6, 7]);
        }
      });

      test('a page of long messages has fewer, at least one, from the side it was asked for', async () => {
        const session = await guest();
        const id = session.conversation.conversationId;
        // Two fit into PAGE_MAX_BYTES.
        for (let n = 1; n <= 5; n++) await say(asVisitor(session), id, `${n}${'字'.repeat(30_000)}`);
        const ref = await refOf(asVisitor(session), id);
        const page = async (after: number | undefined, before: number | undefined) => {
          const { messages, lastSeq } = await store().of(demo).listMessages(ref, { after, before, limit: 4 });
          expect(lastSeq).toBe(5);
          return messages.map(({ seq }) => seq);
        };
        expect(await page(undefined, undefined)).toEqual([4, 5]);
        expect(await page(undefined, 4)).toEqual([2, 3]);
        expect(await page(1, undefined)).toEqual([2, 3]);
        await say(asVisitor(session), id, '字'.repeat(100_000));
        const { messages } = await store()
          .of(demo)
          .listMessages(ref, { after: undefined, before: undefined, limit: 4 });
        expect(messages.map(({ seq }) => seq)).toEqual([6]);
      });

      test('a message leaves one push job for its conversation', async () => {
        const session = await guest();
        const id = session.conversation.conversationId;
        await say(asVisitor(session), id, 'one');
        await say(asVisitor(session), id, 'two');
        expect(await store().push.dueJobs(NOW + 10, 10)).toHaveLength(1);
        expect(await store().push.dueJobs(NOW + 9, 10)).toHaveLength(0);
      });
    });

    describe('service', () => {
      const stateOf = async (viewer: Viewer, id: ConversationId) => (await look(viewer, id)).service;

      test('a visitor’s message waits, an agent’s answer takes it, a closed one waits again', async () => {
        const session = await guest();
        const id = session.conversation.conversationId;
        const desk = await agent();
        const first = await say(asVisitor(session), id, 'hello?');
        expect(first.change?.conversation.service).toEqual({ status: 'waiting', waitingSince: NOW });
        const second = await say(asVisitor(session), id, 'anybody?');
        expect(second.change).toBeUndefined();
        const answer = await say(desk, id, 'yes');
        expect(answer.change?.conversation.service).toEqual({ status: 'open', assigneeId: desk.userId });
        expect(answer.change?.conversation.members.map(({ user }) => user.kind)).toEqual(['guest', 'agent']);
        await store()
          .of(demo)
          .changeService(await refOf(desk, id), desk.userId, 'close', ignore);
        expect(await stateOf(desk, id)).toEqual({ status: 'closed', assigneeId: desk.userId });
        const again = await say(asVisitor(session), id, 'one more thing');
        expect(await stateOf(desk, id)).toEqual({ status: 'waiting', waitingSince: NOW });
        // Live equals reload: what was announced is what is fetched.
        expect({ ...again.change?.conversation, unread: 3 }).toEqual(await look(desk, id));
      });

      test('taking what one has changes nothing and announces nothing', async () => {
        const session = await guest();
        const id = session.conversation.conversationId;
        await say(asVisitor(session), id, 'hello?');
        const desk = await agent();
        const changes: ConversationChange[] = [];
        const take = async () =>
          store()
            .of(demo)
            .changeService(await refOf(desk, id), desk.userId, 'take', (change) => void changes.push(change));
        await take();
        await take();
        expect(changes).toHaveLength(1);
        expect(await stateOf(desk, id)).toEqual({ status: 'open', assigneeId: desk.userId, waitingSince: NOW });
      });

      test('lists are by filter and hold only conversations with a message, newest change first', async () => {
        const desk = await agent();
        const sessions = await Promise.all(Array.from({ length: 4 }, () => guest()));
        const [a, b, c] = sessions.map(({ conversation }) => conversation.conversationId) as [
          ConversationId,
          ConversationId,
          ConversationId,
        ];
        for (const [index, id] of [a, b, c].entries())
          await say(asVisitor(sessions[index] as VisitorSession), id, 'hello');
        await say(desk, a, 'mine now');
        const list = async (filter: 'waiting' | 'mine' | 'all', before?: number, limit = 10) => {
          const page = await store().of(demo).listConversations(desk, { filter, before, limit });
          return { ids: page.conversations.map(({ conversationId }) => conversationId), ...page };
        };
        expect((await list('waiting')).ids).toEqual([c, b]);
        expect((await list('mine')).ids).toEqual([a]);
        const first = await list('all', undefined, 2);
        expect(first).toMatchObject({ ids: [a, c], more: true });
        expect(await list('all', first.conversations.at(-1)?.revision, 2)).toMatchObject({ ids: [b], more: false });
        const own = await store()
          .of(demo)
          .listConversations(asVisitor(sessions[3] as VisitorSession), {
            filter: 'all',
            before: undefined,
            limit: 10,
          });
        expect(own.conversations).toHaveLength(1);
        expect(own.conversations[0]).not.toHaveProperty('visitor');
      });

      test('what a visit says is laid over what is known, and names a guest once', async () => {
        const session = await guest();
        const id = session.conversation.conversationId;
        const desk = await agent();
        await say(asVisitor(session), id, 'hello');
        const conversation = await refOf(asVisitor(session), id);
        const update = (context: object, device?: string) => {
          const changes: ConversationChange[] = [];
          return store()
            .of(demo)
            .updateContext({ conversation, context, device }, (change) => void changes.push(change))
            .then(() => changes.length);
        };
        expect(await update({ name: 'Ann', fields: { order: '7' } }, 'Chrome · Android')).toBe(1);
        expect(await update({ page: { url: 'https://shop.example/' }, name: 'Bea' })).toBe(1);
        expect(await update({ name: 'Bea' })).toBe(0);
        const seen = await look(desk, id);
        expect(seen.visitor).toEqual({
          name: 'Bea',
          fields: { order: '7' },
          page: { url: 'https://shop.example/' },
          device: 'Chrome · Android',
        });
        expect(seen.members[0]?.user).toMatchObject({ kind: 'guest', name: 'Ann' });
      });
    });

    describe('receipts and unread', () => {
      test('they grow, never shrink, and end at the last message; reading is having', async () => {
        const session = await guest();
        const id = session.conversation.conversationId;
        const visitor = asVisitor(session);
        for (let n = 0; n < 3; n++) await say(await agent(), id, 'answer');
        expect(await read(visitor, id, 0, 2)).toMatchObject([{ deliveredSeq: 2, readSeq: 0, unread: 3 }]);
        expect(await read(visitor, id, 3)).toMatchObject([{ deliveredSeq: 3, readSeq: 3, unread: 0 }]);
        expect(await read(visitor, id, 1, 1)).toEqual([]);
        expect(await read(visitor, id, 99, 99)).toEqual([]);
        const before = await look(visitor, id);
        await say(await agent(), id, 'one more');
        const [change] = await read(visitor, id, 99);
        expect(change).toMatchObject({ readSeq: 4, deliveredSeq: 4 });
        expect(change?.revision).toBeGreaterThan(before.revision);
      });

      test('unread is what the other side wrote after what one’s own side has read', async () => {
        const session = await guest();
        const id = session.conversation.conversationId;
        const visitor = asVisitor(session);
        const [first, second] = [await agent(), await agent()];
        await say(visitor, id, '1');
        await say(visitor, id, '2');
        await say(first, id, '3');
        await say(visitor, id, '4');
        await say(second, id, '5');
        const unread = async (viewer: Viewer) => {
          const one = (await look(viewer, id)).unread;
          const input = { filter: 'all', before: undefined, limit: 5 } as const;
          const listed = (await store().of(demo).listConversations(viewer, input)).conversations[0]?.unread;
          expect(listed).toBe(one);
          return one;
        };
        expect([await unread(visitor), await unread(first)]).toEqual([2, 3]);
        // What one agent read is read for all of them.
        expect(await read(first, id, 2)).toMatchObject([{ unread: 1 }]);
        expect([await unread(visitor), await unread(second)]).toEqual([2, 1]);
        await read(visitor, id, 3);
        expect([await unread(visitor), await unread(second)]).toEqual([1, 1]);
      });
    });

    describe('changes', () => {
      test('what changed after a revision is told once, oldest first; what did not is not', async () => {
        const desk = await agent();
        const [a, b] = [await guest(), await guest()];
        await say(asVisitor(a), a.conversation.conversationId, 'hello');
        const { revision } = await store().of(demo).conversationChanges(desk, 0, 500);
        expect(await store().of(demo).newestRevision(desk)).toBe(revision);
        expect(await store().of(demo).conversationChanges(desk, revision, 500)).toEqual({
          conversations: [],
          removed: [],
          revision,
          reset: false,
        });
        await say(asVisitor(b), b.conversation.conversationId, 'hello');
        await say(asVisitor(b), b.conversation.conversationId, 'again');
        const news = await store().of(demo).conversationChanges(desk, revision, 500);
        expect(news.conversations.map(({ conversationId }) => conversationId)).toEqual([b.conversation.conversationId]);
        expect(news.conversations[0]).toMatchObject({ lastSeq: 2, unread: 2, lastMessage: { seq: 2 } });
        expect(await store().of(demo).newestRevision(asVisitor(a))).toBe(revision);
      });

      test('too much, or a revision that was never given, is a reset', async () => {
        const desk = await agent();
        for (let n = 0; n < 4; n++) {
          const session = await guest();
          await say(asVisitor(session), session.conversation.conversationId, 'hello');
        }
        expect(await store().of(demo).conversationChanges(desk, 0, 4)).toMatchObject({ reset: false });
        expect(await store().of(demo).conversationChanges(desk, 0, 3)).toMatchObject({
          reset: true,
          conversations: [],
        });
        expect(await store().of(demo).conversationChanges(desk, 1_000_000, 500)).toMatchObject({ reset: true });
      });
    });

    test('everything is there for the next process', async () => {
      const session = await guest();
      const id = session.conversation.conversationId;
      const clientMessageId = newClientMessageId();
      const { message } = await say(asVisitor(session), id, 'kept', { clientMessageId });
      await store().close();
      await reopen();
      expect(await textsOf(asVisitor(session), id)).toEqual(['1 kept']);
      expect(await say(asVisitor(session), id, 'kept', { clientMessageId })).toMatchObject({ message, repeated: true });
      expect((await say(asVisitor(session), id, 'next')).message.seq).toBe(2);
    });

    test('a write that fails half-way is undone as a whole, and those beside it are not', async () => {
      const taken = (await guest()).conversation.conversationId;
      const create = (userId: string, conversationId: ConversationId) =>
        store()
          .of(demo)
          .createGuest({
            visitorKeyHash: `key of ${userId}`,
            userId: userId as UserId,
            conversationId,
            context: undefined,
            device: undefined,
            now: NOW,
          });
      const results = await Promise.allSettled([
        create('before', unique('conversation') as ConversationId),
        create('failing', taken),
        create('after', unique('conversation') as ConversationId),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(
        await store()
          .of(demo)
          .findUser('failing' as UserId),
      ).toBeUndefined();
      for (const userId of ['before', 'after'])
        expect(
          await store()
            .of(demo)
            .findUser(userId as UserId),
        ).toMatchObject({ user: { userId } });
    });

    test('closing commits what waits and refuses what comes later', async () => {
      const session = await guest();
      const { conversationId } = session.conversation;
      const send = () =>
        store()
          .of(demo)
          .appendMessage(newMessage(conversationId, asVisitor(session), 'last words'), ignore);
      const waiting = Array.from({ length: 10 }, send);
      const closing = store().close();
      await expect(send()).rejects.toMatchObject({ code: 'server-shutdown' });
      expect((await Promise.all(waiting)).map(({ message }) => message.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      await closing;
      await reopen();
      expect(await textsOf(asVisitor(session), session.conversation.conversationId)).toHaveLength(10);
    });

    test('an announcement that fails is reported and does not make a committed message fail', async () => {
      const session = await guest();
      const id = session.conversation.conversationId;
      const committed = () => {
        throw new Error('the bus is broken');
      };
      expect((await say(asVisitor(session), id, 'hello', { committed })).message.seq).toBe(1);
      expect(errors.splice(0)).toMatchObject([{ message: 'the bus is broken' }]);
    });

    test('when too many writes wait, the next one is told to come later', async () => {
      await store().close();
      await reopen({ queueMax: 3 });
      const results = await Promise.allSettled(
        Array.from({ length: 5 }, (_, n) => store().keys.getOrCreate(`k${n}`, () => 'v')),
      );
      expect(results.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'fulfilled',
        'rejected',
        'rejected',
      ]);
      expect(results[3]).toMatchObject({ reason: { code: 'server-busy', retryAfterMs: expect.any(Number) } });
    });
  });
}
