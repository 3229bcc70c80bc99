/**
 * Invariant 6 under `kill -9`: a push job is committed with its message, so a push that was not sent yet is sent after the
 * restart. What becomes of the messages themselves is test/faults/kill.test.ts.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakePush, startFakePush } from '../support/fake-push.ts';
import { newAgent, newClientMessageId, newVisitor } from '../support/raw-client.ts';
import { type ChildServer, startChildServer } from '../support/server.ts';

let push: FakePush;
let server: ChildServer;

beforeAll(async () => {
  push = await startFakePush();
  server = await startChildServer({
    env: { PUSH_DELAY_MS: '1500', PUSH_ENDPOINT_ALLOW: `localhost:${push.port}`, PUSH_EXTRA_CA: push.caPath },
  });
});

afterAll(async () => {
  await server?.stop();
  await push?.close();
});

test('killed between commit and push: the push arrives after the restart', async () => {
  const { client: visitor, session, welcome } = await newVisitor(server.url, server.tenantId);
  const conversationId = session.conversation.conversationId;
  const subscription = push.subscribe(welcome.pushPublicKey);
  await visitor.request('push.subscribe', { context: 'page', subscription });
  await visitor.request('message.send', {
    conversationId,
    clientMessageId: newClientMessageId(),
    content: { kind: 'text', text: 'Anybody there?' },
  });
  await visitor.close();

  const { client: agent } = await newAgent(server.url, server.tenantId, server.agent);
  await agent.request('message.send', {
    conversationId,
    clientMessageId: newClientMessageId(),
    content: { kind: 'text', text: 'Yes, I am.' },
  });
  await server.kill9();
  expect(push.received).toEqual([]);

  const arrived = push.next('push');
  await server.restart();
  const { plaintext } = await arrived;
  expect(JSON.parse(plaintext ?? '').notification.body).toBe('Yes, I am.');
});
