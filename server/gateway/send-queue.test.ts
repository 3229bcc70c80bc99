import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FRAME_MAX_BYTES } from '../../protocol/limits.ts';
import { EncodedFrame } from './frame.ts';
import { EVENTS_MAX_BYTES, SendQueue, TOTAL_MAX_BYTES } from './send-queue.ts';

/** A socket whose reader reads only when told: `read()` empties the buffer as a quick client would. */
class FakeOutlet {
  readonly sent: string[] = [];
  bufferedAmount = 0;
  #callbacks: (() => void)[] = [];
  send(data: Buffer, sent: () => void): void {
    this.sent.push(data.toString());
    this.bufferedAmount += data.length;
    this.#callbacks.push(sent);
  }
  read(): void {
    this.bufferedAmount = 0;
    for (const callback of this.#callbacks.splice(0)) callback();
  }
}

function queueOn(outlet: FakeOutlet): { queue: SendQueue; slow: () => number } {
  let count = 0;
  return {
    queue: new SendQueue(outlet, () => {
      count += 1;
    }),
    slow: () => count,
  };
}

const frame = (text: string) => new EncodedFrame(JSON.stringify(text));

test('frames of one turn leave as one array, a lone frame as itself', async () => {
  const outlet = new FakeOutlet();
  const { queue } = queueOn(outlet);
  queue.pushEvent(frame('a'));
  queue.pushAnswer(frame('é'));
  await nextTurn();
  queue.pushEvent(frame('c'));
  await nextTurn();
  expect(outlet.sent).toEqual(['["a","é"]', '"c"']);
});

test('no merged message is larger or longer than the wire allows, and none is lost', async () => {
  const outlet = new FakeOutlet();
  const { queue } = queueOn(outlet);
  const large = frame('x'.repeat(FRAME_MAX_BYTES / 2));
  for (let count = 0; count < 3; count += 1) queue.pushAnswer(large);
  for (let count = 0; count < 130; count += 1) queue.pushEvent(frame(String(count)));
  await nextTurn();
  const frames = outlet.sent.map((message) => JSON.parse(message) as string | string[]);
  expect(outlet.sent.every((message) => message.length <= FRAME_MAX_BYTES)).toBe(true);
  expect(frames.every((entry) => typeof entry === 'string' || entry.length <= 64)).toBe(true);
  expect(frames.flat().slice(3)).toEqual(Array.from({ length: 130 }, (_, at) => String(at)));
});

test('a client that does not read its events is slow once, one that reads is not', async () => {
  const outlet = new FakeOutlet();
  const { queue, slow } = queueOn(outlet);
  const event = frame('x'.repeat(100_000));
  for (let count = 0; count < 40; count += 1) {
    queue.pushEvent(event);
    await nextTurn();
    outlet.read();
  }
  expect(slow()).toBe(0);
  for (let count = 0; count < 40; count += 1) {
    queue.pushEvent(event);
    await nextTurn();
  }
  expect(slow()).toBe(1);
  expect(outlet.bufferedAmount).toBeLessThan(EVENTS_MAX_BYTES + 2 * event.length);
});

test('a large answer on its way makes nobody slow, answers without an end do', async () => {
  const outlet = new FakeOutlet();
  const { queue, slow } = queueOn(outlet);
  queue.pushAnswer(frame('x'.repeat(2 * EVENTS_MAX_BYTES)));
  await nextTurn();
  queue.pushEvent(frame('event'));
  expect(slow()).toBe(0);
  while (outlet.bufferedAmount <= TOTAL_MAX_BYTES) {
    queue.pushAnswer(frame('x'.repeat(EVENTS_MAX_BYTES)));
    await nextTurn();
  }
  queue.pushAnswer(frame('one more'));
  expect(slow()).toBe(1);
});

test('what waits at the end still leaves, what comes after it does not', async () => {
  const outlet = new FakeOutlet();
  const { queue } = queueOn(outlet);
  queue.pushAnswer(frame('last'));
  queue.end();
  queue.pushAnswer(frame('late'));
  await nextTurn();
  expect(outlet.sent).toEqual(['"last"']);
});
