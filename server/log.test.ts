import { expect, test } from 'vitest';
import { InlayError } from '../protocol/errors.ts';
import { createLog, tellable } from './log.ts';

function recorder() {
  const lines: string[] = [];
  return { lines, log: createLog('info', { write: (line) => void lines.push(line) }) };
}

test('what lets anybody in, and what anybody wrote, is cut out of a line', () => {
  const { lines, log } = recorder();
  log.info(
    { token: 'abc', req: { headers: { cookie: 'abc', authorization: 'abc' } }, content: { text: 'abc' } },
    'line',
  );
  log.info({ input: { password: 'abc', jwt: 'abc' }, tenantId: 'demo' }, 'line');
  expect(lines.join('')).not.toContain('abc');
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ level: 'info', tenantId: 'demo', msg: 'line' });
});

test('an error of the catalogue is told as it is and not logged', () => {
  const { lines, log } = recorder();
  const error = new InlayError('not-found', 'There is no such file.');
  expect(tellable(error, log)).toBe(error);
  expect(lines).toEqual([]);
});

test('any other error is logged under an id, and only the id is told', () => {
  const { lines, log } = recorder();
  const told = tellable(new Error('SQLITE_IOERR at /var/lib'), log);
  expect(told.code).toBe('internal');
  expect(told.message).not.toContain('SQLITE');
  const line = JSON.parse(lines[0] ?? '') as { errorId: string; err: { message: string } };
  expect(line.err.message).toContain('SQLITE_IOERR');
  expect(told.message).toContain(line.errorId);
});
