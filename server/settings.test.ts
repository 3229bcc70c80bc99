import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings, SettingError, settingsTable } from './settings.ts';

function configFile(content: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'inlay-settings-')), 'config.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

test('without anything set, each setting has its default', () => {
  const settings = readSettings({});
  expect(settings).toMatchObject({
    port: 8080,
    demoPort: 8081,
    dataDir: 'data',
    demo: true,
    trustProxy: 0,
    publicUrl: '',
  });
});

test('the environment goes before the file, the file before the default', () => {
  const path = configFile({
    PORT: 9000,
    LOG_LEVEL: 'warn',
    DEMO: false,
    PUSH_ENDPOINT_ALLOW: ['push.example.com', 'localhost:9'],
  });
  const settings = readSettings({ CONFIG_FILE: path, PORT: '9100', SHUTDOWN_MS: '' });
  expect(settings).toMatchObject({ port: 9100, demoPort: 9101, logLevel: 'warn', demo: false, shutdownMs: 10_000 });
  expect(settings.pushEndpointAllow).toEqual(['push.example.com', 'localhost:9']);
});

test('an origin is kept without its slash, and PORT=0 makes the port of the demo free as well', () => {
  expect(readSettings({ PUBLIC_URL: 'https://chat.example.com/', PORT: '0' })).toMatchObject({
    publicUrl: 'https://chat.example.com',
    demoPort: 0,
  });
});

test.each([
  ['PORT', '80 80'],
  ['PORT', '70000'],
  ['PUBLIC_URL', 'chat.example.com'],
  ['PUBLIC_URL', 'https://chat.example.com/path'],
  ['PUBLIC_URL', 'javascript:alert(1)'],
  ['LOG_LEVEL', 'loud'],
  ['DEMO', 'maybe'],
  ['TRUST_PROXY', '-1'],
  ['PUSH_SUBJECT', 'somebody'],
  ['PUSH_ENDPOINT_ALLOW', 'https://push.example.com/'],
  ['FILE_MAX_BYTES', '20MB'],
])('%s=%s ends the start and is named', (env, value) => {
  expect(() => readSettings({ [env]: value })).toThrow(SettingError);
  expect(() => readSettings({ [env]: value })).toThrow(env);
});

test('a file that is missing, no object, or names an unknown setting is refused by name', () => {
  expect(() => readSettings({ CONFIG_FILE: '/nowhere/config.json' })).toThrow('CONFIG_FILE');
  expect(() => readSettings({ CONFIG_FILE: configFile([]) })).toThrow('CONFIG_FILE');
  expect(() => readSettings({ CONFIG_FILE: configFile({ PROT: 1 }) })).toThrow('PROT');
  expect(() => readSettings({ CONFIG_FILE: configFile({ PORT: { value: 1 } }) })).toThrow('PORT');
});

test('each name in the environment is given once and has a description', () => {
  const rows = Object.values(settingsTable);
  expect(new Set(rows.map((row) => row.env)).size).toBe(rows.length);
  expect(rows.filter((row) => row.doc.length < 20 || row.unit === '')).toEqual([]);
});
