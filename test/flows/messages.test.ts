/** A conversation between a visitor and an agent: writing, answering, receipts, typing, files. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ConversationId } from '../../protocol/ids.ts';
import { type Device, Devices, hasStored, textsOf, timelineOf, write } from '../support/node-client.ts';
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
const copy = ({ client }: Device, conversationId: ConversationId) => client.conversations.value.get(conversationId);
const lastState = (device: Device) => timelineOf(device).entries.at(-1)?.state;

/** A visitor who has written `Hello`, and an agent who has the conversation open. */
async function talking() {
  const visitor = await devices.visitor();
  const agent = await devices.agent();
  await agent.client.listConversations('all');
  write(visitor, 'Hello');
  await hasStored(visitor, 1);
  const conversationId = id(visitor);
  await waitFor('the conversation', () => copy(agent, conversationId));
  await agent.client.open(conversationId);
  return { visitor, agent, conversationId };
}

test('a visitor writes, an agent answers, and the ticks go from sent to read', async () => {
  const { visitor, agent, conversationId } = await talking();
  await waitFor('delivered', () => ['delivered', 'read'].includes(lastState(visitor) ?? ''));
  agent.client.markRead(conversationId, 1);
  await waitFor('read', () => lastState(visitor) === 'read');
  agent.client.send(conversationId, { kind: 'text', text: 'Hi, how can I help?' });
  await hasStored(visitor, 2);
  expect(textsOf(visitor)).toEqual(['Hello', 'Hi, how can I help?']);
  const answer = () => agent.client.timeline(conversationId).value.entries.at(-1);
  await waitFor('the tick of the agent', () => answer()?.state === 'delivered');
  expect(copy(visitor, conversationId)?.unread).toBe(1);
  visitor.client.markRead(conversationId, 2);
  await waitFor('read by the visitor', () => answer()?.state === 'read');
  await waitFor('nothing unread', () => copy(visitor, conversationId)?.unread === 0);
});

test('an answer takes the conversation, closing ends it, and a new message of the visitor makes it wait again', async () => {
  const { visitor, agent, conversationId } = await talking();
  const status = () => copy(agent, conversationId)?.service.status;
  expect(status()).toBe('waiting');
  agent.client.send(conversationId, { kind: 'text', text: 'Hi' });
  await waitFor('open', () => status() === 'open');
  await agent.client.request('service.close', { conversationId });
  await waitFor('closed', () => status() === 'closed');
  write(visitor, 'One more thing');
  await waitFor('waiting', () => status() === 'waiting');
  await expect(visitor.client.request('service.close', { conversationId })).rejects.toMatchObject({
    code: 'forbidden',
  });
});

test('typing is seen by the other side, and ends with the message', async () => {
  const { visitor, agent, conversationId } = await talking();
  agent.client.setTyping(conversationId, true);
  const [typist] = await waitFor('typing', () => {
    const users = visitor.client.typing(conversationId).value;
    return users.length > 0 && users;
  });
  expect(typist).toBe(agent.client.user.value?.userId);
  agent.client.send(conversationId, { kind: 'text', text: 'Here' });
  await waitFor('the end of typing', () => visitor.client.typing(conversationId).value.length === 0);
});

test('the agent sees what the visitor’s device tells', async () => {
  const visitor = await devices.visitor();
  visitor.client.setContext({ entry: 'link', name: 'Mei', fields: { order: 'A-17' } });
  const agent = await devices.agent();
  await agent.client.listConversations('all');
  write(visitor, 'Hello');
  await hasStored(visitor, 1);
  const seen = () => copy(agent, id(visitor))?.visitor;
  await waitFor('the context', () => seen()?.fields?.order === 'A-17');
  visitor.client.setContext({ entry: 'link', name: 'Mei', page: { url: 'https://host.example/cart' } });
  await waitFor('the page', () => seen()?.page?.url === 'https://host.example/cart');
  expect(copy(visitor, id(visitor))?.visitor).toBe(undefined);
});

/** The smallest PNG there is: one pixel. */
const PNG = Uint8Array.from(
  atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='),
  (char) => char.charCodeAt(0),
);

test('a picture is uploaded and sent, and a file of a forbidden kind is not', async () => {
  const { visitor, agent, conversationId } = await talking();
  const send = (bytes: BlobPart, type: string, name: string) =>
    visitor.client.send(conversationId, { kind: 'upload', file: new Blob([bytes], { type }), name });
  send(PNG, 'image/png', 'pixel.png');
  await hasStored(visitor, 2);
  const shown = await waitFor('the picture', () => agent.client.timeline(conversationId).value.entries[1]?.content);
  expect(shown).toMatchObject({
    kind: 'image',
    file: { name: 'pixel.png', mediaType: 'image/png', width: 1, height: 1 },
  });
  const url = shown.kind === 'image' ? shown.file.url : '';
  const stored = await fetch(new URL(url, server.url));
  expect(new Uint8Array(await stored.arrayBuffer())).toEqual(PNG);
  const refused = send('<script>alert(1)</script>', 'text/html', 'page.html');
  await waitFor(
    'the refusal',
    () => timelineOf(visitor).entries.find(({ key }) => key === refused)?.state === 'failed',
  );
  expect(timelineOf(visitor).entries.at(-1)?.error).toBe('file-kind-forbidden');
});

test('text is text: markup, controls and every script of the world come out as they went in', async () => {
  const { visitor, agent, conversationId } = await talking();
  const text = '<img src=x onerror=alert(1)> \u0000\u202e 你好 👩‍👩‍👧 \ud83d';
  write(visitor, text);
  await hasStored(visitor, 2);
  await waitFor('the text', () => agent.client.timeline(conversationId).value.entries.length === 2);
  const [mine, theirs] = [visitor, agent].map(
    ({ client }) => client.timeline(conversationId).value.entries[1]?.content,
  );
  expect(theirs).toEqual(mine);
});
