/** Who a device is: from nobody to guest to user, back to nobody, and never somebody of another tenant. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createMemoryCache } from '../../client/cache.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import {
  type Device,
  Devices,
  hasStored,
  isOpen,
  signIdentity,
  textsOf,
  timelineOf,
  write,
} from '../support/node-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

let server: TestServer;
let devices: Devices;

beforeAll(async () => {
  server = await startServer();
  devices = new Devices(server);
});
afterEach(() => devices.stop());
afterAll(() => server.stop());

const id = ({ client }: Device) => client.ownConversationId() as ConversationId;
const identity = (sub: string, claims: Record<string, unknown> = {}) =>
  signIdentity(server.tenantSecret, { sub, name: `User ${sub}`, ...claims });

test('looking at it makes nobody; the first message makes a guest who is still there after a reload', async () => {
  const cache = createMemoryCache();
  const before = await devices.visitor({ cache });
  await isOpen(before);
  expect([before.client.user.value, before.client.session.value]).toEqual([undefined, undefined]);
  write(before, 'Hello');
  await hasStored(before, 1);
  expect(before.client.user.value?.kind).toBe('guest');
  await before.client.stop();
  const after = await devices.visitor({ cache });
  await isOpen(after);
  expect(after.client.user.value).toEqual(before.client.user.value);
  expect(textsOf(after)).toEqual(['Hello']);
});

test('a guest who signs in takes the conversation along', async () => {
  const device = await devices.visitor();
  write(device, 'as a guest');
  await hasStored(device, 1);
  await device.client.identify(await identity('first'));
  expect(device.client.user.value).toMatchObject({ kind: 'user', name: 'User first' });
  await hasStored(device, 1);
  expect(timelineOf(device).entries).toMatchObject([{ mine: true, content: { text: 'as a guest' } }]);
  write(device, 'as a user');
  await hasStored(device, 2);
  const other = await devices.visitor();
  await other.client.identify(await identity('first'));
  await hasStored(other, 2);
  expect(textsOf(other)).toEqual(['as a guest', 'as a user']);
  expect(timelineOf(other)).toEqual(timelineOf(device));
});

test('an agent who has the conversation open sees the same after the guest signed in as after a reload', async () => {
  const guest = await devices.visitor();
  write(guest, 'as a guest');
  await hasStored(guest, 1);
  const conversationId = id(guest);
  const agent = await devices.agent();
  await agent.client.listConversations('all');
  await agent.client.open(conversationId);
  guest.client.setTyping(conversationId, true);
  await waitFor('a sign of typing', () => agent.client.typing(conversationId).value.length === 1);
  await guest.client.identify(await identity('watched'));
  const writerIn = ({ client }: Device) => client.timeline(conversationId).value.entries[0]?.senderId;
  await waitFor('the user as the writer', () => writerIn(agent) === guest.client.user.value?.userId);
  expect(agent.client.typing(conversationId).value).toEqual([]);
  const later = await devices.agent();
  await later.client.listConversations('all');
  await later.client.open(conversationId);
  await waitFor('the conversation', () => writerIn(later));
  expect(later.client.timeline(conversationId).value).toEqual(agent.client.timeline(conversationId).value);
});

test('a guest who turns out to be a known user adds to the end of that user’s conversation', async () => {
  const known = await devices.visitor();
  await known.client.identify(await identity('second'));
  write(known, 'from the known device');
  await hasStored(known, 1);
  const guest = await devices.visitor();
  write(guest, 'from a new device');
  await hasStored(guest, 1);
  const agent = await devices.agent();
  await agent.client.listConversations('all');
  const old = id(guest);
  await guest.client.identify(await identity('second'));
  await Promise.all([hasStored(guest, 2), hasStored(known, 2)]);
  expect(textsOf(guest)).toEqual(['from the known device', 'from a new device']);
  expect(timelineOf(guest).entries.every(({ mine }) => mine)).toBe(true);
  expect(id(guest)).toBe(id(known));
  await waitFor('the agent to see one', () => !agent.client.conversations.value.has(old));
  expect(agent.client.conversations.value.has(id(known))).toBe(true);
});

test('what a guest wrote offline goes to the user that they become', async () => {
  const device = await devices.visitor();
  await isOpen(device);
  const release = device.client.identify(await identity('third'));
  write(device, 'at the same moment');
  await release;
  await hasStored(device, 1);
  expect(device.client.user.value?.kind).toBe('user');
  expect(textsOf(device)).toEqual(['at the same moment']);
});

test('an identity that is too old, or signed by somebody else, is refused, and the guest stays', async () => {
  const device = await devices.visitor();
  write(device, 'Hello');
  await hasStored(device, 1);
  const before = device.client.user.value;
  const expired = await identity('fourth', { exp: Math.floor(Date.now() / 1_000) - 3_600 });
  await expect(device.client.identify(expired)).rejects.toMatchObject({ code: 'identity-expired' });
  const foreign = await signIdentity('not the secret of this tenant, but long enough', { sub: 'fourth' });
  await expect(device.client.identify(foreign)).rejects.toMatchObject({ code: 'identity-invalid' });
  expect(device.client.user.value).toEqual(before);
  await device.client.identify(await identity('fourth'));
  expect(device.client.user.value?.kind).toBe('user');
});

test('signing out wipes the device and leaves a connection of nobody', async () => {
  const values = new Map<string, unknown>();
  const device = await devices.visitor({ cache: createMemoryCache(values) });
  write(device, 'Hello');
  await hasStored(device, 1);
  const token = device.client.session.value;
  await device.client.logout();
  await isOpen(device);
  expect([device.client.user.value, device.client.session.value, id(device)]).toEqual([undefined, undefined, 'new']);
  expect(textsOf(device)).toEqual([]);
  await device.client.stop();
  expect(JSON.stringify([...values])).not.toContain('Hello');
  expect(JSON.stringify([...values])).not.toContain(token);
});

test('signing out everywhere ends the other devices, too', async () => {
  const here = await devices.visitor();
  await here.client.identify(await identity('fifth'));
  write(here, 'Hello');
  await hasStored(here, 1);
  const there = await devices.visitor();
  await there.client.identify(await identity('fifth'));
  await hasStored(there, 1);
  await here.client.logout({ everywhere: true });
  await waitFor('nobody there', () => there.client.user.value === undefined);
  await isOpen(there);
  expect(textsOf(there)).toEqual([]);
});

test('a token of another tenant is nothing here; the device goes on as nobody and can write', async () => {
  const other = await server.createTenant('other');
  const elsewhere = new Devices({ ...server, ...other });
  const foreign = await elsewhere.visitor();
  write(foreign, 'in the other shop');
  await hasStored(foreign, 1);
  const session = foreign.client.session.value ?? '';
  await elsewhere.stop();
  const device = await devices.visitor({ session });
  await waitFor('the refusal', () => device.client.session.value === undefined);
  await isOpen(device);
  expect(device.client.user.value).toBe(undefined);
  write(device, 'in this shop');
  await hasStored(device, 1);
  expect(textsOf(device)).toEqual(['in this shop']);
});

test('an unknown tenant is a refusal that lasts; an agent without a cookie is one, too', async () => {
  const nowhere = new Devices({ ...server, tenantId: 'nowhere' });
  const device = await nowhere.visitor();
  await waitFor('the refusal', () => device.client.connection.value.name === 'refused');
  expect(device.client.connection.value).toEqual({ name: 'refused', code: 'tenant-unknown' });
  await nowhere.stop();
  const nobody = await devices.visitor({ actor: 'agent' });
  await waitFor('the refusal', () => nobody.client.connection.value.name === 'refused');
  expect(nobody.client.connection.value).toEqual({ name: 'refused', code: 'session-required' });
  const agent = await devices.agent();
  await isOpen(agent);
  expect(agent.client.user.value?.kind).toBe('agent');
});
