/** What every dialect of the store must do with people and tenants; store-fixture.ts has the list of dialects. */
import { describe, expect, test } from 'vitest';
import type { FileId, TenantId, UserId } from '../../protocol/ids.ts';
import type { Side } from '../../server/store/store.ts';
import { demo, dialects, ignore, NOW, newClientMessageId, other, unique, useStore } from './store-fixture.ts';

for (const [name, open] of Object.entries(dialects)) {
  describe(name, () => {
    const { store, createTenant, guest, agent, asVisitor, refOf, say, newMessage, textsOf, look, read, identify } =
      useStore(open);

    describe('sessions', () => {
      test('the same key of a visitor is the same guest, also at the same time', async () => {
        const sessions = await Promise.all(Array.from({ length: 5 }, () => guest(demo, 'same key')));
        expect(new Set(sessions.map(({ user }) => user.userId)).size).toBe(1);
        expect(new Set(sessions.map(({ conversation }) => conversation.conversationId)).size).toBe(1);
        expect((await guest(other, 'same key')).user.userId).not.toBe(sessions[0]?.user.userId);
      });

      test('ended tokens and the visitor’s key are dead', async () => {
        const session = await guest(demo, 'key');
        await store().of(demo).endTokens(session.user.userId, ignore);
        expect(await store().of(demo).findUser(session.user.userId)).toMatchObject({ tokenVersion: 1 });
        expect((await guest(demo, 'key')).user.userId).not.toBe(session.user.userId);
      });

      test('a user of the host is one user, with the newest name', async () => {
        const first = await identify('u-1', { name: 'Ann' });
        const second = await identify('u-1', { name: 'Ann B.' });
        expect(second.user).toMatchObject({ userId: first.user.userId, kind: 'user', name: 'Ann B.' });
        expect(second.change?.conversation.members[0]?.user.name).toBe('Ann B.');
        expect((await identify('u-1')).change).toBeUndefined();
      });

      test('a guest’s conversation is handed over to a user who has none', async () => {
        const session = await guest(demo, 'key');
        const id = session.conversation.conversationId;
        const clientMessageId = newClientMessageId();
        await say(asVisitor(session), id, 'as a guest', { clientMessageId });
        const before = await look(asVisitor(session), id);
        const identified = await identify('u-1', { guestId: session.user.userId, name: 'Ann' });
        expect(identified.conversation.conversationId).toBe(id);
        expect(identified).toMatchObject({ endedGuestId: session.user.userId });
        expect(identified.removed).toBeUndefined();
        expect(identified.change).toMatchObject({ previousRevision: before.revision });
        expect(await store().of(demo).findUser(session.user.userId)).toMatchObject({ ended: true, tokenVersion: 1 });
        // A receipt of the guest that was on its way.
        const late = { conversation: await refOf(asVisitor(identified), id), reader: asVisitor(session) };
        const receipt = { deliveredSeq: 1, readSeq: 1 };
        await expect(
          store()
            .of(demo)
            .updateReceipt({ ...late, ...receipt }, ignore),
        ).rejects.toMatchObject({
          code: 'not-found',
        });
        expect((await look(asVisitor(identified), id)).members).toHaveLength(1);
        // The answer to the first send was lost: the user asks again.
        const again = await say(asVisitor(identified), id, 'as a guest', { clientMessageId });
        expect(again).toMatchObject({ repeated: true, message: { seq: 1, senderId: identified.user.userId } });
        expect((await guest(demo, 'key')).user.userId).not.toBe(session.user.userId);
      });

      test('a guest’s messages go to the end of the conversation that the user has', async () => {
        const desk = await agent();
        const user = await identify('u-1');
        const target = user.conversation.conversationId;
        await say(asVisitor(user), target, 'earlier');
        await say(desk, target, 'answered');
        await read(desk, target, 2);
        const session = await guest();
        const source = session.conversation.conversationId;
        const clientMessageId = newClientMessageId();
        await say(asVisitor(session), source, 'as a guest', { clientMessageId });
        await say(desk, source, 'to the guest');
        await say(asVisitor(session), source, 'more');
        const { revision } = await store().of(demo).conversationChanges(desk, 0, 500);

        const merged = await identify('u-1', { guestId: session.user.userId });

        expect(merged.conversation).toMatchObject({ conversationId: target, lastSeq: 5, unread: 2 });
        expect(merged.removed?.conversationId).toBe(source);
        expect(await textsOf(asVisitor(user), target)).toEqual([
          '1 earlier',
          '2 answered',
          '3 as a guest',
          '4 to the guest',
          '5 more',
        ]);
        expect(await look(desk, target)).toMatchObject({ lastSeq: 5, unread: 2, service: { status: 'open' } });
        expect(await store().of(demo).findConversation(desk, source)).toBeUndefined();
        const news = await store().of(demo).conversationChanges(desk, revision, 500);
        expect(news.removed).toEqual([source]);
        expect(news.conversations.map(({ conversationId }) => conversationId)).toEqual([target]);
        expect(await read(desk, target, 3)).toMatchObject([{ unread: 1 }]);
        expect(await read(asVisitor(user), target, 3)).toMatchObject([{ unread: 1 }]);
        // Sent again into the conversation that is gone, by the user and by a device that has not heard of it yet.
        const again = await say(asVisitor(user), source, 'as a guest', { clientMessageId });
        expect(again).toMatchObject({ repeated: true, message: { conversationId: target, seq: 3 } });
        expect((await say(asVisitor(session), source, 'late')).message).toMatchObject({
          conversationId: target,
          seq: 6,
          senderId: user.user.userId,
        });
        expect(await store().push.dueJobs(NOW + 10, 10)).toHaveLength(1);
      });

      test('a guest who said nothing leaves nothing behind for the agents', async () => {
        const desk = await agent();
        const user = await identify('u-1');
        await say(asVisitor(user), user.conversation.conversationId, 'hello');
        const before = await store().of(demo).newestRevision(desk);
        const session = await guest();
        const merged = await identify('u-1', { guestId: session.user.userId });
        expect(merged.change).toBeUndefined();
        expect(merged.removed).toBeUndefined();
        expect(await store().of(demo).newestRevision(desk)).toBe(before);
      });

      test('a clientMessageId that guest and user both used loses neither message', async () => {
        const clientMessageId = newClientMessageId();
        const user = await identify('u-1');
        await say(asVisitor(user), user.conversation.conversationId, 'by the user', { clientMessageId });
        const session = await guest();
        await say(asVisitor(session), session.conversation.conversationId, 'by the guest', { clientMessageId });
        const merged = await identify('u-1', { guestId: session.user.userId });
        expect(await textsOf(asVisitor(merged), merged.conversation.conversationId)).toEqual([
          '1 by the user',
          '2 by the guest',
        ]);
      });
    });
    describe('tenants', () => {
      test('nothing of one tenant exists in another', async () => {
        const session = await guest();
        const id = session.conversation.conversationId;
        await say(asVisitor(session), id, 'secret');
        const file = {
          fileId: 'file-1' as FileId,
          name: 'a.png',
          mediaType: 'image/png',
          size: 1,
          url: '/files/file-1/a.png',
        };
        await store().of(demo).saveFile({ uploader: session.user.userId, file, now: NOW });
        const stranger = await agent(other);
        const elsewhere = store().of(other);
        for (const viewer of [stranger, asVisitor(session)])
          expect(await elsewhere.findConversation(viewer, id)).toBeUndefined();
        expect(await elsewhere.findUser(session.user.userId)).toBeUndefined();
        expect(await elsewhere.findOwnFile(session.user.userId, file.fileId)).toBeUndefined();
        expect(await elsewhere.newestRevision(stranger)).toBe(0);
        expect((await elsewhere.conversationChanges(stranger, 0, 10)).conversations).toEqual([]);
        // The same questions in the right place.
        expect(await store().of(demo).findOwnFile(session.user.userId, file.fileId)).toEqual(file);
        expect(
          await store()
            .of(demo)
            .findConversation(await agent(), id),
        ).toMatchObject({ conversationId: id });
      });

      test('even with a reference at hand, a message cannot be put into another tenant', async () => {
        const session = await guest();
        const viewer = asVisitor(session);
        const conversation = await refOf(viewer, session.conversation.conversationId);
        const send = (tenantId: TenantId) =>
          store()
            .of(tenantId)
            .appendMessage(newMessage(conversation.conversationId, viewer, 'hello'), ignore);
        await expect(send(other)).rejects.toMatchObject({ code: 'not-found' });
        await expect(send(demo)).resolves.toMatchObject({ message: { seq: 1 } });
      });

      test('a visitor sees their own conversation only, an agent all of the tenant', async () => {
        const [mine, theirs] = [await guest(), await guest()];
        const id = theirs.conversation.conversationId;
        expect(await store().of(demo).findConversation(asVisitor(mine), id)).toBeUndefined();
        for (const viewer of [asVisitor(theirs), await agent()])
          expect(await store().of(demo).findConversation(viewer, id)).toMatchObject({ conversationId: id });
      });

      test('one that does not exist is unknown to reads and writes', async () => {
        const nobody = { userId: 'nobody' as UserId, side: 'desk' as Side };
        await expect(
          store()
            .of('none' as TenantId)
            .newestRevision(nobody),
        ).rejects.toMatchObject({
          code: 'tenant-unknown',
        });
        await expect(guest('none' as TenantId)).rejects.toMatchObject({ code: 'tenant-unknown' });
      });

      test('they are found by the origins that they name', async () => {
        await createTenant('shop' as TenantId, ['https://shop.example', 'https://www.shop.example']);
        const ids = async (origin: string) =>
          (await store().tenants.findByOrigin(origin)).map(({ tenant }) => tenant.tenantId);
        expect(await ids('https://www.shop.example')).toEqual(['shop']);
        expect(await ids('https://shop.example.evil.example')).toEqual([]);
        const shop = await store().tenants.find('shop' as TenantId);
        if (shop) await store().tenants.update({ ...shop, allowedOrigins: ['https://new.example'] });
        expect(await ids('https://www.shop.example')).toEqual([]);
        expect(await ids('https://new.example')).toEqual(['shop']);
        await expect(createTenant('shop' as TenantId)).rejects.toMatchObject({ code: 'forbidden' });
      });
    });
    test('an account is there once for all tenants, and a new password ends its sessions', async () => {
      const account = {
        account: 'lin@demo.example',
        passwordHash: 'old',
        userId: unique('agent') as UserId,
        name: 'Lin',
        avatar: undefined,
        now: NOW,
      };
      await store().accounts.create({ ...account, tenantId: demo });
      await expect(
        store().accounts.create({ ...account, userId: unique('agent') as UserId, tenantId: other }),
      ).rejects.toMatchObject({ code: 'forbidden' });
      expect(await store().accounts.setPassword('lin@demo.example', 'new')).toBe(true);
      expect(await store().accounts.setPassword('nobody', 'new')).toBe(false);
      expect(await store().accounts.find('lin@demo.example')).toMatchObject({
        tenantId: demo,
        passwordHash: 'new',
        tokenVersion: 1,
      });
    });
    test('a key is made once and kept', async () => {
      const made = await Promise.all([1, 2].map((n) => store().keys.getOrCreate('tokens', () => `key ${n}`)));
      expect(made).toEqual(['key 1', 'key 1']);
    });
  });
}
