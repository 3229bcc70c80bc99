/** The library as somebody else's project has it: by the package's name, from the built files, with types, in Node. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Devices, textsOf, write } from '../support/node-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const children: ChildProcess[] = [];
let server: TestServer;
let devices: Devices;
let project: string;

beforeAll(async () => {
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), 'client'], { stdio: 'pipe' });
  server = await startServer();
  devices = new Devices(server);
  project = mkdtempSync(join(tmpdir(), 'inlay-consumer-'));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(root, join(project, 'node_modules/inlay'));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill();
  await devices.stop();
});
afterAll(async () => {
  await server.stop();
  rmSync(project, { recursive: true, force: true });
});

function put(name: string, text: string): string {
  const path = join(project, name);
  writeFileSync(path, text);
  return path;
}

/** The example of the manual, with this server's address and agent in it. */
function botOfTheManual(): string {
  const manual = readFileSync(join(root, 'client/client.ts'), 'utf8');
  const example = /A bot in Node[^\n]*\n((?: \*(?: {5}[^\n]*)?\n)+)/.exec(manual)?.[1] ?? '';
  const code = example.replace(/^ \* {0,5}/gm, '');
  expect(code).toContain('https://chat.example.com');
  return code.replace('https://chat.example.com', server.url).replace('bot@example.com', server.agent.account);
}

test('the bot of the manual answers a visitor, and one who wrote before it came', async () => {
  const early = await devices.visitor();
  write(early, 'Is anybody there?');
  await waitFor('a stored message', () => early.client.ownConversationId() !== 'new');

  const env = { PATH: process.env.PATH, PASSWORD: server.agent.password };
  const bot = spawn(process.execPath, [put('bot.mjs', botOfTheManual())], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(bot);
  let said = '';
  for (const stream of [bot.stdout, bot.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const late = await devices.visitor();
  write(late, 'And now?');
  const answer = 'Thank you, a colleague will be with you soon.';
  await waitFor('the answer to the early one', () => textsOf(early).at(-1) === answer);
  await waitFor('the answer to the late one', () => textsOf(late).at(-1) === answer);
  expect([textsOf(early), textsOf(late)]).toEqual([
    ['Is anybody there?', answer],
    ['And now?', answer],
  ]);
  expect([said, bot.exitCode]).toEqual(['', null]);
});

test('a visitor in Node needs no more than an address, and lets the process end', async () => {
  const script = put(
    'visitor.mjs',
    `
    import { createClient, effect } from 'inlay/client';
    const [url, tenantId] = process.argv.slice(2);
    const client = createClient({ url, tenantId, actor: 'visitor' });
    await client.start();
    client.send(client.ownConversationId(), { kind: 'text', text: 'Hello from Node' });
    client.send(client.ownConversationId(), { kind: 'upload', file: new Blob(['a,b'], { type: 'text/plain' }), name: 'a.txt' });
    await new Promise((resolve) => {
      effect(() => {
        const { entries } = client.timeline(client.ownConversationId()).value;
        if (entries.length === 2 && entries.every(({ seq }) => seq !== undefined)) resolve();
      });
    });
    await client.stop();
    console.log(client.connection.value.name, client.persistent.value);
    `,
  );
  const { stdout, stderr } = await run(process.execPath, [script, server.url, server.tenantId], { timeout: 20_000 });
  expect([stdout, stderr]).toEqual(['idle false\n', '']);
});

test('a sign-in that fails says why', async () => {
  const script = put(
    'sign-in.mjs',
    `
    import { InlayError, signIn } from 'inlay/client';
    const error = await signIn(process.argv[2], { account: 'nobody@example.com', password: 'wrong' }).catch((it) => it);
    console.log(error instanceof InlayError, error.code, error.retry);
    `,
  );
  const { stdout } = await run(process.execPath, [script, server.url], { timeout: 20_000 });
  expect(stdout).toBe('true credentials-invalid never\n');
});

const common = `
  import { createClient, createMemoryCache, effect, type Client, type ConnectionState, InlayError } from 'inlay/client';

  const client: Client = createClient({ url: 'https://chat.example.com', tenantId: 'demo', actor: 'visitor', cache: createMemoryCache() });
  effect(() => {
    const { value } = client.connection;
    if (value.name === 'refused') console.log(value.code satisfies 'tenant-unknown' | string);
    // @ts-expect-error Only a state that waits has a time.
    console.log(client.connection.value.until);
  });
  client.onMessage(({ content, conversationId }) => {
    if (content.kind === 'text') client.send(conversationId, { kind: 'text', text: content.text });
    // @ts-expect-error A draft has a kind.
    client.send(conversationId, { text: 'x' });
  });
  client.on('message.created', ({ message }) => console.log(message.seq.toFixed()));
  client.request('message.list', { conversationId: 'x' as never }).then(({ messages }) => messages.length.toFixed());
  // @ts-expect-error There is no such request.
  client.request('message.lisst', {});
  console.log(new InlayError('not-found').retry);
`;

const ofNode = `
  import { signIn } from 'inlay/client';
  const agent = await signIn('https://chat.example.com', { account: 'a', password: 'b' });
  createClient({ url: 'https://chat.example.com', actor: 'agent', ...agent });
  export const name = (state: ConnectionState): string => state.name;
`;
const ofBrowser = `
  // @ts-expect-error A page's cookie goes along by itself.
  createClient({ url: 'https://chat.example.com', tenantId: 'demo', actor: 'agent', headers: { cookie: 'x' } });
  export const name = (state: ConnectionState): string => state.name;
`;

test.each([
  ['Node', { module: 'nodenext', moduleResolution: 'nodenext' }, ofNode],
  ['a bundler', { module: 'esnext', moduleResolution: 'bundler' }, ofBrowser],
])('the types are right for %s', async (name, options, own) => {
  const folder = join(project, name.replaceAll(' ', '-'));
  mkdirSync(folder);
  writeFileSync(join(folder, 'consumer.ts'), common + own);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    lib: ['es2023', 'dom'],
    types: [],
    ...options,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  const checked = run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  expect(await checked.catch(({ stdout }: { stdout: string }) => ({ stdout }))).toMatchObject({ stdout: '' });
});

test('what a browser loads asks for nothing of Node', () => {
  const folder = join(root, 'dist/client');
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.js') && name !== 'node.js')
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const needed = texts.flatMap((text) =>
    [...text.matchAll(/\b(?:from|import)\s*\(?\s*["']([^."'][^"']*)["']/g)].map((match) => match[1]),
  );
  expect([...new Set(needed)].sort()).toEqual(['@preact/signals-core', 'localforage']);
});
