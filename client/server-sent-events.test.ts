import { expect, test } from 'vitest';
import { createParser, readEvents, type StreamEvent } from './server-sent-events.ts';

const wire =
  ': open\n\nid: 1\ndata: {"type":"ok"}\n\nevent: ping\ndata: {}\n\nid: 2\r\ndata: a: b\r\ndata:c\r\n\r\ndata\n\nid: 3\n\nevent: gone\n';
const events: StreamEvent[] = [
  { type: 'message', id: '1', data: '{"type":"ok"}' },
  { type: 'ping', id: '1', data: '{}' },
  { type: 'message', id: '2', data: 'a: b\nc' },
  { type: 'message', id: '2', data: '' },
];

test('events are the same in whatever pieces they come; comments and what has no data are none', () => {
  for (const size of [1, 2, 3, 7, wire.length]) {
    const got: StreamEvent[] = [];
    const parse = createParser((event) => got.push(event));
    for (let at = 0; at < wire.length; at += size) parse(wire.slice(at, at + size));
    expect([size, got]).toEqual([size, events]);
  }
});

test('a letter that is cut in two on the way arrives whole, and each piece is told of', async () => {
  const bytes = new TextEncoder().encode('data: 你好\n\n');
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const got: string[] = [];
  let words = 0;
  await readEvents(
    new Response(body),
    () => {
      words += 1;
    },
    ({ data }) => got.push(data),
  );
  expect(got).toEqual(['你好']);
  expect(words).toBe(bytes.length);
});
