/** A client on a bad network, before the real server: silence, cuts, a server that is replaced or asks for time. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createClient } from '../../client/node.ts';
import { type Device, Devices, hasStored, isOpen, Network, textsOf, write } from '../support/node-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type Direction, TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait.ts';

let server: TestServer;
let proxy: TcpProxy;
/** Those behind the proxy, and those whose network is good. */
let shaky: Devices;
let steady: Devices;

beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  proxy = await TcpProxy.start(server.url);
  shaky = new Devices({ ...server, url: proxy.url });
  steady = new Devices(server);
});
afterEach(async () => {
  await shaky.stop();
  await steady.stop();
  await proxy.stop();
});
afterAll(() => server.stop());

const isWaiting = ({ client }: Device) =>
  waitFor('a lost connection', () => client.connection.value.name === 'waiting', 20_000);
const elsewhere = (device: Device) => steady.visitor({ session: device.client.session.value ?? '' });

/** A visitor with one stored message. */
async function talking(devices = shaky): Promise<Device> {
  const device = await devices.visitor();
  write(device, 'Hello');
  await hasStored(device, 1);
  return device;
}

test('who comes back to a page whose socket died in silence has a living one within seconds', async () => {
  const device = await talking();
  const other = await elsewhere(device);
  await hasStored(other, 1);
  proxy.silence('up', 'down');
  write(other, 'while you were away');
  await hasStored(other, 2);
  const begun = performance.now();
  device.client.wake();
  await isWaiting(device);
  // Three seconds and what a busy machine adds, far from the silences that the heartbeat otherwise bears.
  expect(performance.now() - begun).toBeLessThan(6_000);
  proxy.speak();
  await hasStored(device, 2);
});

test('a message written into silence, on either way, is found out and arrives once', async () => {
  const other = await TcpProxy.start(server.url);
  const others = new Devices({ ...server, url: other.url });
  const tryOne = async (network: TcpProxy, direction: Direction, devices: Devices) => {
    const device = await talking(devices);
    network.silence(direction);
    write(device, 'Do you hear me?');
    await isWaiting(device);
    network.speak();
    await hasStored(device, 2);
    const witness = await elsewhere(device);
    await hasStored(witness, 2);
    expect(textsOf(witness)).toEqual(['Hello', 'Do you hear me?']);
  };
  await Promise.all([tryOne(proxy, 'up', shaky), tryOne(other, 'down', others)]);
  await others.stop();
  await other.stop();
});

test('a network that comes and goes delays messages and loses none', async () => {
  const device = await talking();
  for (let index = 0; index < 4; index++) {
    write(device, `message ${index}`);
    proxy.down();
    await isWaiting(device);
    proxy.up();
    await isOpen(device);
  }
  await hasStored(device, 5);
  expect(textsOf(device)).toEqual(['Hello', 'message 0', 'message 1', 'message 2', 'message 3']);
});

test('clients of a server that is replaced come back spread over seconds, and all come back', async () => {
  const replaced = await startServer();
  const devices = new Devices(replaced);
  const all = await Promise.all(Array.from({ length: 30 }, () => devices.visitor()));
  await Promise.all(all.map(isOpen));
  const waits = Promise.all(
    all.map(({ client }) =>
      waitFor('a wait', () => {
        const { value } = client.connection;
        return value.name === 'waiting' && value.until - client.now();
      }),
    ),
  );
  await replaced.stop();
  const successor = await startServer({ env: { PORT: new URL(replaced.url).port } });
  const sorted = (await waits).sort((one, other) => one - other);
  await Promise.all(all.map(isOpen));
  await devices.stop();
  await successor.stop();
  // Thirty draws from three seconds: closer together than one they come less than once in 10^12 times.
  expect((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)).toBeGreaterThan(1_000);
  expect(sorted.at(-1)).toBeLessThanOrEqual(3_100);
});

test('who is told when to come back does not come sooner, whatever the device says', async () => {
  const small = await startServer({ env: { CONNECTIONS_PER_TENANT: '1' } });
  const first = createClient({ url: small.url, tenantId: small.tenantId, actor: 'visitor' });
  const network = new Network();
  const devices = new Devices(small);
  await first.start();
  await waitFor('the only seat', () => first.connection.value.name === 'open');
  const { client } = await devices.visitor({ network });
  const until = await waitFor('a refusal with a time', () => {
    const { value } = client.connection;
    return value.name === 'waiting' && value.until;
  });
  const dials = network.asked.length;
  for (let count = 0; count < 5; count++) client.wake();
  expect([client.connection.value.name, network.asked.length]).toEqual(['waiting', dials]);
  expect(until - client.now()).toBeGreaterThan(5_000);
  await devices.stop();
  await first.stop();
  await small.stop();
});
