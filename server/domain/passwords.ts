/** scrypt, with its parameters beside the hash, so that they can grow without making old hashes worthless. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP's advice of 2023 for scrypt with 32 MiB. */
const N = 2 ** 15;
const R = 8;
const P = 3;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, { N, r: R, p: P });
  return ['scrypt', N, R, P, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** As much work for a hash that nobody has as for a real one: how long it takes tells nothing. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [kind, n, r, p, salt, expected] = (hash ?? nobody).split('$');
  if (kind !== 'scrypt' || salt === undefined || expected === undefined) return false;
  const options = { N: Number(n), r: Number(r), p: Number(p) };
  const key = await derive(password, Buffer.from(salt, 'base64url'), options);
  const matches = timingSafeEqual(key, Buffer.from(expected, 'base64url'));
  return matches && hash !== undefined;
}

const nobody = ['scrypt', N, R, P, 'A'.repeat(22), 'A'.repeat(43)].join('$');

function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same password typed on two systems can be two sequences of code points.
    scrypt(password.normalize('NFC'), salt, KEY_BYTES, { ...options, maxmem: MAX_MEMORY_BYTES }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
