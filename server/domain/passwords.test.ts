import { expect, test } from 'vitest';
import { hashPassword, verifyPassword } from './passwords.ts';

test('a password fits its own hash and no other, and the same one never has the same hash', async () => {
  const [first, second] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
  expect(first).not.toBe(second);
  expect(first).not.toContain('horse');
  expect(await verifyPassword('correct horse', first)).toBe(true);
  expect(await verifyPassword('correct horse', second)).toBe(true);
  expect(await verifyPassword('correct hors', first)).toBe(false);
  expect(await verifyPassword('', first)).toBe(false);
});

test('an account that does not exist costs the same work and fits nothing', async () => {
  expect(await verifyPassword('anything', undefined)).toBe(false);
  const hash = await hashPassword('x');
  const time = async (given: string | undefined) => {
    const start = performance.now();
    await verifyPassword('anything', given);
    return performance.now() - start;
  };
  // Without the work it would take less than a hundredth.
  expect(await time(undefined)).toBeGreaterThan((await time(hash)) / 10);
});

test('a damaged hash fits nothing', async () => {
  for (const hash of ['', 'scrypt', 'md5$1$1$1$aa$bb']) expect(await verifyPassword('x', hash)).toBe(false);
});
