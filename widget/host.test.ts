import { expect, test, vi } from 'vitest';
import { acceptHost, type Knock } from './host.ts';

const parent = {};
const connect = { inlay: 'connect', version: 1, page: { url: 'https://shop.example/' }, open: false, entry: 'script' };
const port = { postMessage: vi.fn(), onmessage: null } as unknown as MessagePort;
const knock = (over: Partial<Knock> = {}): Knock => ({
  origin: 'https://shop.example',
  source: parent,
  data: connect,
  ports: [port],
  ...over,
});

test('the loader of an allowed page is let in, with the origin that the browser saw', () => {
  const host = acceptHost(knock(), parent, ['https://shop.example']);
  expect(host).toMatchObject({ origin: 'https://shop.example', connect });
  host?.post({ type: 'close' });
  expect(port.postMessage).toHaveBeenCalledWith({ type: 'close' });
});

test('a tenant may allow every origin', () => {
  expect(acceptHost(knock({ origin: 'https://any.example' }), parent, ['*'])).toBeDefined();
});

test.each([
  ['another origin', { origin: 'https://evil.example' }],
  ['another window', { source: {} }],
  ['no port', { ports: [] }],
  ['other words', { data: { inlay: 'hello' } }],
  ['no words', { data: null }],
  ['another version', { data: { ...connect, version: 2 } }],
])('nobody is let in with %s', (_, over) => {
  expect(acceptHost(knock(over), parent, ['https://shop.example'])).toBeUndefined();
});
