/** What holds of SQLite alone: how its log is folded in, and what becomes of writes while another process holds the database. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmdirSync, statSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import SQLite from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import type { ConversationId } from '../../protocol/ids.ts';
import { Checkpointer } from '../../server/store/checkpointer.ts';
import { openSqlite } from '../../server/store/sqlite.ts';
import { eventually } from '../support/eventually.ts';
import { demo, ignore, newClientMessageId, useStore } from './store-fixture.ts';

const MEGABYTE = 2 ** 20;
const SHORT_BUSY_MS = 200;

let file = '';

describe('the log', () => {
  const { store, guest, asVisitor, newMessage, refOf, reopen } = useStore((folder) => {
    file = join(folder, 'inlay.db');
    return openSqlite(file);
  });
  const TEXT = 'x'.repeat(20_000);
  const WRITERS = 64;
  const EACH = 100;

  /** Never fewer than WRITERS wait, from the first commit to the last. */
  async function writeWithoutPause(id: ConversationId, sender: ReturnType<typeof asVisitor>): Promise<number> {
    let longest = 0;
    const write = async (writer: number) => {
      for (let number = 0; number < EACH; number++) {
        await store()
          .of(demo)
          .appendMessage(newMessage(id, sender, `${writer} ${number} ${TEXT}`), ignore);
        longest = Math.max(longest, statSync(`${file}-wal`).size);
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    return longest;
  }

  async function readAll(id: ConversationId, reader: ReturnType<typeof asVisitor>): Promise<string[]> {
    const texts: string[] = [];
    for (;;) {
      const input = { after: texts.length, before: undefined, limit: 100 };
      const { messages, lastSeq } = await store()
        .of(demo)
        .listMessages(await refOf(reader, id), input);
      for (const { content } of messages) texts.push(content.kind === 'text' ? content.text : '');
      if (messages.length === 0 || texts.length >= lastSeq) return texts;
    }
  }

  test('of a store that is written without a pause stays short; all is there when it is opened again', async () => {
    const visitor = await guest();
    const { conversationId } = visitor.conversation;
    const longest = await writeWithoutPause(conversationId, asVisitor(visitor));
    // 128 MB of text; a log that begins anew every 16 MB may run on while the thread is at it.
    expect(longest).toBeLessThan(80 * MEGABYTE);
    await store().close();
    await reopen();
    const texts = await readAll(conversationId, asVisitor(visitor));
    expect(texts).toHaveLength(WRITERS * EACH);
    expect(texts.every((text) => text.endsWith(TEXT))).toBe(true);
    for (let writer = 0; writer < WRITERS; writer++) {
      const own = texts.map((text) => text.split(' ', 2)).filter(([of]) => of === `${writer}`);
      expect(own.map(([, number]) => Number(number))).toEqual(Array.from({ length: EACH }, (_, index) => index));
    }
  }, 60_000);

  test('is gone after closing: the thread has let go of the file', async () => {
    const visitor = await guest();
    await writeWithoutPause(visitor.conversation.conversationId, asVisitor(visitor));
    await store().close();
    // SQLite removes it with the last connection, and only then.
    expect(existsSync(`${file}-wal`)).toBe(false);
    await reopen();
  }, 60_000);
});

describe('the thread that folds in the log', () => {
  const cleanUps: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  /** A database whose log holds `pages` pages and more, and that nobody folds in. */
  async function unfolded(pages: number) {
    const folder = await mkdtemp(join(tmpdir(), 'inlay-log-'));
    cleanUps.push(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'real.db');
    const database = new SQLite(path);
    cleanUps.push(() => database.close());
    for (const pragma of ['journal_mode = WAL', 'wal_autocheckpoint = 0']) database.pragma(pragma);
    database.exec('create table filler (bytes blob)');
    const insert = database.prepare('insert into filler values (zeroblob(?))');
    for (let written = 0; written < pages * 4_096; written += MEGABYTE) insert.run(MEGABYTE);
    return { folder, path };
  }

  test('is replaced when it dies, and each death is told', async () => {
    const { folder, path } = await unfolded(2_000);
    const link = join(folder, 'link.db');
    symlinkSync(`${path}-shm`, `${link}-shm`);
    // What cannot be opened ends the thread.
    mkdirSync(link);
    const errors: unknown[] = [];
    const checkpointer = new Checkpointer(link, (error) => errors.push(error));
    cleanUps.push(() => checkpointer.stop());
    await eventually('two threads have died', () => errors.length >= 2);
    expect(errors[0]).toMatchObject({ code: 'SQLITE_CANTOPEN' });
    expect(statSync(path).size).toBeLessThan(MEGABYTE);

    rmdirSync(link);
    symlinkSync(path, link);
    await eventually('the log is folded in', () => statSync(path).size > 2_000 * 4_096);
  }, 60_000);

  test('lets a long log begin anew', async () => {
    const { path } = await unfolded(5_000);
    const checkpointer = new Checkpointer(path, (error) => expect.unreachable(String(error)));
    cleanUps.push(() => checkpointer.stop());
    const writer = new SQLite(path);
    cleanUps.push(() => writer.close());
    writer.pragma('wal_autocheckpoint = 0');
    await eventually('what is written does not make the log longer', async () => {
      await checkpointer.turn;
      const before = statSync(`${path}-wal`).size;
      writer.exec('insert into filler values (zeroblob(10000))');
      return statSync(`${path}-wal`).size === before;
    });
  }, 60_000);

  test('is never in the way of a writer that waits for its turn', async () => {
    const { path } = await unfolded(0);
    const checkpointer = new Checkpointer(path, (error) => expect.unreachable(String(error)));
    cleanUps.push(() => checkpointer.stop());
    // What finds the database busy fails here, and costs the server a pause.
    const writer = new SQLite(path, { timeout: 0 });
    cleanUps.push(() => writer.close());
    writer.pragma('wal_autocheckpoint = 0');
    const turns = new Set<Promise<void>>();
    while (turns.size < 3) {
      await nextTurn();
      // As the work of a turn before its commit: word from the thread is not heard meanwhile.
      const end = performance.now() + 3;
      while (performance.now() < end);
      const { turn } = checkpointer;
      if (turn) turns.add(turn);
      await turn;
      writer.exec('begin immediate; insert into filler values (zeroblob(200000)); commit');
    }
  }, 60_000);
});

let holder: ChildProcess | undefined;
afterEach(() => {
  holder?.kill('SIGKILL');
});

const HOLDER = `
  const database = new (require('better-sqlite3'))(process.argv[1], { timeout: 10000 });
  database.exec('begin immediate');
  console.log('held');
  process.stdin.once('data', () => { database.exec('rollback'); database.close(); process.exit(0); });
`;

/** Resolves when another process holds the lock, with what makes it let go. */
async function hold(): Promise<() => Promise<unknown>> {
  const child = spawn(process.execPath, ['-e', HOLDER, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  holder = child;
  await once(child.stdout, 'data');
  return () => {
    child.stdin.write('enough');
    return once(child, 'exit');
  };
}

describe('another process that writes', () => {
  const { guest, asVisitor, say, textsOf } = useStore((folder) => {
    file = join(folder, 'inlay.db');
    return openSqlite(file);
  });

  test('delays a write and loses nothing; reads and everything else go on', async () => {
    const visitor = await guest();
    const viewer = asVisitor(visitor);
    const { conversationId } = visitor.conversation;
    await say(viewer, conversationId, 'before');
    const letGo = await hold();
    let settled = false;
    const writing = say(viewer, conversationId, 'meanwhile').finally(() => {
      settled = true;
    });
    // It lets go after a second of ticks: of a loop that stands still there is one, when the store has given up.
    for (let ticks = 0; ticks < 50; ticks++) {
      await pause(20);
      expect(settled).toBe(false);
    }
    expect(await textsOf(viewer, conversationId)).toEqual(['1 before']);
    await letGo();
    expect((await writing).message.seq).toBe(2);
    expect(await textsOf(viewer, conversationId)).toEqual(['1 before', '2 meanwhile']);
  }, 30_000);
});

describe('another process that writes for longer than the store waits', () => {
  const { guest, asVisitor, say, textsOf } = useStore((folder) => {
    file = join(folder, 'inlay.db');
    return openSqlite(file, { busyTimeoutMs: SHORT_BUSY_MS });
  });

  test('has writes refused for the time being; nothing of them is stored, and then it goes on by itself', async () => {
    const visitor = await guest();
    const viewer = asVisitor(visitor);
    const { conversationId } = visitor.conversation;
    const letGo = await hold();
    const clientMessageId = newClientMessageId();
    const write = () => say(viewer, conversationId, 'at last', { clientMessageId });
    const refused = { code: 'store-unavailable', retry: 'later', retryAfterMs: expect.any(Number) };
    await expect(write()).rejects.toMatchObject(refused);
    await expect(write()).rejects.toMatchObject(refused);
    expect(await textsOf(viewer, conversationId)).toEqual([]);
    await letGo();
    expect((await write()).message.seq).toBe(1);
    await say(viewer, conversationId, 'and on');
    expect(await textsOf(viewer, conversationId)).toEqual(['1 at last', '2 and on']);
  }, 30_000);
});
