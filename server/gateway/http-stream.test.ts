import { afterEach, expect, test } from 'vitest';
import { HttpStream } from './http-stream.ts';

let stream: HttpStream;
const heard: string[] = [];

function open(): HttpStream {
  heard.length = 0;
  stream = new HttpStream(undefined, 60_000);
  stream.onMessage((data) => void heard.push(data.toString()));
  return stream;
}
const post = (number: number) => stream.take(number, Buffer.from(String(number)));

afterEach(() => stream.terminate());

test('what comes while nothing is read is taken afterwards, in order and once', () => {
  open();
  post(1);
  stream.pause();
  for (const number of [3, 2, 3, 2]) post(number);
  expect(heard).toEqual(['1']);
  stream.resume();
  post(4);
  expect(heard).toEqual(['1', '2', '3', '4']);
});

test('more than a little of it is refused, to come again', () => {
  open();
  stream.pause();
  for (let number = 1; number <= 17; number++) post(number);
  expect(() => post(18)).toThrow(expect.objectContaining({ code: 'server-busy' }));
  stream.resume();
  post(18);
  expect(heard).toHaveLength(18);
});

test('a listener that pauses hears no more, until it reads on', () => {
  open();
  stream.onMessage((data) => {
    heard.push(data.toString());
    stream.pause();
  });
  for (const number of [1, 2, 3]) post(number);
  expect(heard).toEqual(['1']);
  stream.resume();
  expect(heard).toEqual(['1', '2']);
});
