/** What a backend of server/push must do, against a push service that checks and decrypts. One suite, each backend a row. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PushPayload } from '../../protocol/push.ts';
import type { Push, PushSendOptions } from '../../server/push/push.ts';
import { generateVapidKeys, WebPush } from '../../server/push/web-push.ts';
import { type FakePush, payloadOf, startFakePush } from '../support/fake-push.ts';

const backends: Record<string, (service: FakePush) => Push & { close(): void }> = {
  'npm web-push': (service) =>
    new WebPush({
      keys: generateVapidKeys(),
      subject: 'mailto:ops@example.com',
      endpoints: { allow: [service.host] },
      extraCa: readFileSync(service.caPath, 'utf8'),
      deadlineMs: 1_000,
    }),
};

const options: PushSendOptions = { ttlSeconds: 60, urgency: 'high', topic: 'conversation-1' };
const payload = (body = '你好 hello'): PushPayload => ({
  web_push: 8030,
  notification: {
    title: 'Ann',
    body,
    navigate: 'https://chat.example/im/demo#c=c1',
    tag: 'inlay:c1',
    data: { conversationId: 'c1', seq: 3 },
  },
});

describe.each(Object.entries(backends))('%s', (_, create) => {
  let service: FakePush;
  let push: Push & { close(): void };
  beforeAll(async () => {
    service = await startFakePush();
    push = create(service);
  });
  afterAll(async () => {
    push.close();
    await service.close();
  });

  test('what is sent arrives, encrypted for the browser and signed with the key', async () => {
    const arrived = service.next('push');
    const subscription = service.subscribe(push.publicKey);
    expect(push.check(subscription)).toBe('ok');
    expect(await push.send(subscription, payload(), options)).toEqual({ kind: 'sent' });
    const message = await arrived;
    expect(message).toMatchObject({
      ttl: 60,
      urgency: 'high',
      topic: 'conversation-1',
      endpoint: subscription.endpoint,
    });
    expect(payloadOf(message)).toEqual(payload());
  });

  test.each([
    [404, 'gone'],
    [410, 'gone'],
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [413, 'refused'],
    [301, 'refused'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ])('%i means %s', async (status, kind) => {
    const subscription = service.subscribe(push.publicKey);
    service.fail(subscription.endpoint, status);
    expect(await push.send(subscription, payload(), options)).toMatchObject({ kind });
    service.fail(subscription.endpoint, undefined);
    expect(await push.send(subscription, payload(), options)).toEqual({ kind: 'sent' });
  });

  test('a subscription that the service does not know is gone', async () => {
    const subscription = service.subscribe(push.publicKey);
    service.forget(subscription.endpoint);
    expect(await push.send(subscription, payload(), options)).toEqual({ kind: 'gone' });
  });

  test('a subscription made with another key is gone', async () => {
    const subscription = service.subscribe(generateVapidKeys().publicKey);
    expect(await push.send(subscription, payload(), options)).toEqual({ kind: 'gone' });
  });

  test('the wait that the service asks for is passed on', async () => {
    const subscription = service.subscribe(push.publicKey);
    service.fail(subscription.endpoint, 429, { 'retry-after': '7' });
    expect(await push.send(subscription, payload(), options)).toMatchObject({ kind: 'retry', afterMs: 7_000 });
  });

  test('a redirect is not followed', async () => {
    const subscription = service.subscribe(push.publicKey);
    const other = service.subscribe(push.publicKey);
    const before = service.received.length;
    service.fail(subscription.endpoint, 307, { location: other.endpoint });
    expect(await push.send(subscription, payload(), options)).toMatchObject({ kind: 'refused', status: 307 });
    expect(service.received).toHaveLength(before);
  });

  test('a payload of 3993 bytes passes, a larger one is refused', async () => {
    const subscription = service.subscribe(push.publicKey);
    const rest = Buffer.byteLength(JSON.stringify(payload('')));
    const sized = (bytes: number) => push.send(subscription, payload('a'.repeat(bytes - rest)), options);
    expect(await sized(3_993)).toEqual({ kind: 'sent' });
    expect(await sized(3_994)).toMatchObject({ kind: 'refused', status: 413 });
  });

  test('a service that cannot be reached or does not answer in time is tried again later', async () => {
    const tls = {
      key: readFileSync(service.caPath.replace('certificate', 'key')),
      cert: readFileSync(service.caPath),
    };
    const silent = createServer(tls);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const host = `localhost:${typeof address === 'object' && address ? address.port : 0}`;
    const impatient = new WebPush({
      keys: generateVapidKeys(),
      subject: 'mailto:ops@example.com',
      endpoints: { allow: [host] },
      extraCa: readFileSync(service.caPath, 'utf8'),
      deadlineMs: 200,
    });
    const subscription = { ...service.subscribe(), endpoint: `https://${host}/p/1` };
    expect(await impatient.send(subscription, payload(), options)).toMatchObject({ kind: 'retry' });
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
    expect(await impatient.send(subscription, payload(), options)).toMatchObject({ kind: 'retry' });
    impatient.close();
  });

  test('a certificate that nobody vouches for is not believed', async () => {
    const strict = new WebPush({
      keys: generateVapidKeys(),
      subject: 'mailto:ops@example.com',
      endpoints: { allow: [service.host] },
    });
    const before = service.received.length;
    expect(await strict.send(service.subscribe(), payload(), options)).toMatchObject({ kind: 'retry' });
    expect(service.received).toHaveLength(before);
    strict.close();
  });

  test('an endpoint or keys that cannot be right are refused before anything is stored, and never sent to', async () => {
    const good = service.subscribe(push.publicKey);
    expect(push.check({ ...good, endpoint: 'https://localhost:1/p/1' })).toBe('push-endpoint-forbidden');
    expect(push.check({ ...good, endpoint: good.endpoint.replace('https', 'http') })).toBe('push-endpoint-forbidden');
    expect(push.check({ ...good, keys: { ...good.keys, auth: 'short' } })).toBe('push-subscription-invalid');
    expect(await push.send({ ...good, endpoint: 'https://localhost:1/p/1' }, payload(), options)).toEqual({
      kind: 'gone',
    });
  });
});
