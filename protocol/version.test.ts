import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { down } from './down.ts';
import { up } from './up.ts';
import { PROTOCOL_MAJOR, PROTOCOL_MINOR } from './version.ts';

const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');

/** The schemas as they were when each version was released. */
const HASHES: Record<string, string> = { '1.0': '89667f82a3e829e4', '1.1': '09f5930581f72041' };

test('the wire has not changed without a new version', () => {
  const version = `${PROTOCOL_MAJOR}.${PROTOCOL_MINOR}`;
  const hash = createHash('sha256').update(JSON.stringify({ up, down })).digest('hex').slice(0, 16);
  expect(
    hash,
    `A schema of protocol/ changed. If it only adds, raise PROTOCOL_MINOR, else PROTOCOL_MAJOR; add a line to the history in
    version.ts, tell of it in README.md, and put '${hash}' here. Before the first release of a version its hash may change.`,
  ).toBe(HASHES[version]);
});

test('the README speaks of each frame, and of this version', () => {
  for (const type of [...Object.keys(up), ...Object.keys(down)]) expect(readme).toContain(type);
  expect(readme).toContain(`# The Inlay protocol, version ${PROTOCOL_MAJOR}.${PROTOCOL_MINOR}`);
});
