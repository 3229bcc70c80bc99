/**
 * A disk that a test can fill: a small tmpfs where this user may mount one, else a limit of the process on the size of its files
 * (RLIMIT_FSIZE), which fails its writes just as surely.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly kind: 'tmpfs' | 'RLIMIT_FSIZE';
  /** For the data of the server. */
  readonly dir: string;
  /** Not one more byte can be added. `pid`: of the server. */
  fill(pid: number): Promise<void>;
  free(pid: number): Promise<void>;
  remove(): Promise<void>;
}

const CHUNK = Buffer.alloc(64 * 1024, 'x');

export async function smallDisk(megabytes: number): Promise<SmallDisk> {
  const dir = await mkdtemp(join(tmpdir(), 'inlay-disk-'));
  const isMounted = process.env.FAULTS_DISK !== 'limit' && mounts(dir, megabytes);
  return isMounted ? tmpfs(dir) : limited(dir);
}

function mounts(dir: string, megabytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir], { stdio: 'pipe' });
    return true;
  } catch {
    // Not root, or in a container without the right: the limit does it.
    return false;
  }
}

function tmpfs(dir: string): SmallDisk {
  const filler = join(dir, 'filler');
  return {
    kind: 'tmpfs',
    dir,
    async fill() {
      const file = openSync(filler, 'a');
      // A last chunk may be written in part; byte by byte there is no room left after it.
      for (const chunk of [CHUNK, CHUNK.subarray(0, 512), CHUNK.subarray(0, 1)]) while (writes(file, chunk));
      closeSync(file);
    },
    free: () => rm(filler),
    async remove() {
      execFileSync('umount', ['-l', dir]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function writes(file: number, chunk: Buffer): boolean {
  try {
    return writeSync(file, chunk) === chunk.length;
  } catch {
    return false;
  }
}

/** No file of the process grows beyond what the largest one has now; Node ignores the signal that comes with it. */
function limited(dir: string): SmallDisk {
  const limit = (pid: number, size: string) => execFileSync('prlimit', ['--pid', `${pid}`, `--fsize=${size}:`]);
  return {
    kind: 'RLIMIT_FSIZE',
    dir,
    async fill(pid) {
      const smallest = readdirSync(dir).filter((name) => /\.db(-wal)?$/.test(name));
      limit(pid, `${Math.min(...smallest.map((name) => statSync(join(dir, name)).size))}`);
    },
    async free(pid) {
      limit(pid, 'unlimited');
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
