/** What every dialect of the store must do for a visitor who clears their conversation. */
import { describe, expect, test } from 'vitest';
import type { ConversationId } from '../../protocol/ids.ts';
import type { ConversationChange, Side, Viewer, VisitorSession } from '../../server/store/store.ts';
import { demo, dialects, useStore } from './store-fixture.ts';

const idOf = ({ conversation }: VisitorSession) => conversation.conversationId;

for (const [name, open] of Object.entries(dialects)) {
  describe(name, () => {
    const { store, guest, agent, asVisitor, refOf, say, look, read, identify } = useStore(open);

    async function clear(visitor: Viewer, id: ConversationId, upTo: number): Promise<ConversationChange[]> {
      const changes: ConversationChange[] = [];
      const conversation = await refOf(visitor, id);
      const input = { conversation, visitorId: visitor.userId, upTo };
      await store()
        .of(demo)
        .clearMessages(input, (change) => changes.push(change));
      return changes;
    }
    const kinds = async (viewer: Viewer, id: ConversationId, side: Side = viewer.side) => {
      const page = { after: 0, before: undefined, limit: 100, side };
      const { messages } = await store()
        .of(demo)
        .listMessages(await refOf(viewer, id), page);
      return messages.map(({ content }) => content.kind);
    };

    async function talk() {
      const session = await guest();
      const [visitor, desk, id] = [asVisitor(session), await agent(), idOf(session)];
      for (const sender of [visitor, desk, visitor]) await say(sender, id, 'words');
      return { session, visitor, desk, id };
    }

    test('it is cleared for the visitor by whatever way they look, and stays for the desk', async () => {
      const { visitor, desk, id } = await talk();
      const before = await look(desk, id);
      const [change] = await clear(visitor, id, 2);
      expect(change).toMatchObject({ previousRevision: before.revision, forVisitor: { clearedSeq: 2 } });
      expect(change?.conversation).not.toHaveProperty('clearedSeq');
      expect(await kinds(visitor, id)).toEqual(['cleared', 'cleared', 'text']);
      expect(await look(visitor, id)).toMatchObject({ clearedSeq: 2, lastMessage: { content: { kind: 'text' } } });
      await clear(visitor, id, 3);
      expect(await look(visitor, id)).toMatchObject({ clearedSeq: 3, lastMessage: { content: { kind: 'cleared' } } });
      const news = (viewer: Viewer) =>
        store()
          .of(demo)
          .conversationChanges(viewer, 0, 10, [{ conversationId: id, seq: 0 }]);
      expect(JSON.stringify(await news(visitor))).not.toContain('words');
      expect(JSON.stringify(await news(desk))).not.toContain('clear');
      expect(await kinds(desk, id)).toEqual(['text', 'text', 'text']);
      await say(desk, id, 'more');
      expect(await kinds(visitor, id)).toEqual(['cleared', 'cleared', 'cleared', 'text']);
    });

    test('it only grows, ends with what there is, and receipts do not undo it', async () => {
      const { visitor, id } = await talk();
      expect(await clear(visitor, id, 99)).toHaveLength(1);
      expect(await clear(visitor, id, 2)).toEqual([]);
      await read(visitor, id, 3);
      expect(await look(visitor, id)).toMatchObject({ clearedSeq: 3 });
    });

    test('a guest’s goes along with the conversation that is handed over', async () => {
      const { session, visitor, id } = await talk();
      await clear(visitor, id, 2);
      const user = await identify('user', { guestId: session.user.userId });
      expect(user.conversation.clearedSeq).toBe(2);
      expect(await kinds(asVisitor(user), id)).toEqual(['cleared', 'cleared', 'text']);
    });

    test('merged behind what is not cleared it comes back, behind what is it stays away', async () => {
      const user = await identify('user');
      const [owner, own] = [asVisitor(user), idOf(user)];
      await say(owner, own, 'before');
      const first = await talk();
      await clear(first.visitor, first.id, 2);
      await identify('user', { guestId: first.session.user.userId });
      expect(await kinds(owner, own)).toEqual(['text', 'text', 'text', 'text']);
      await clear(owner, own, 4);
      const second = await talk();
      await clear(second.visitor, second.id, 2);
      await identify('user', { guestId: second.session.user.userId });
      expect((await look(owner, own)).clearedSeq).toBe(6);
      expect((await kinds(owner, own)).at(-1)).toBe('text');
    });
  });
}
