import { expect, test } from 'vitest';
import type { ConversationId, MessageId } from '../protocol/ids.ts';
import { type MessageTrace, Traces } from './trace.ts';

const here = 'conversation' as ConversationId;
const id = (seq: number) => `message-${seq}` as MessageId;

function kept(traces: Traces, seq: number, fields: Partial<MessageTrace> = {}): void {
  const trace = traces.begin(performance.now());
  if (!trace) throw new Error('traces are off');
  traces.keep(Object.assign(trace, fields), id(seq), here, seq);
}

test('the stages stand in the order of their times, with how long each took, by the wall clock', () => {
  const traces = new Traces(10, () => 1_000_000);
  const begun = performance.now();
  const at = (ms: number) => begun - 100 + ms;
  const trace = traces.begin(at(0));
  if (!trace) throw new Error('traces are off');
  Object.assign(trace, { queuedAt: at(1), commitBegunAt: at(3), groupSize: 7, committedAt: at(8), publishedAt: at(9) });
  Object.assign(trace, { deliveredAt: at(12), sockets: 3, acknowledgedAt: at(10) });
  traces.keep(trace, id(1), here, 1);

  const found = traces.find(id(1));
  expect(found).toMatchObject({ messageId: id(1), conversationId: here, seq: 1 });
  expect(found?.stages.map(({ stage, tookMs }) => [stage, tookMs])).toEqual([
    ['received', undefined],
    ['queued', 1],
    ['commit-begun', 2],
    ['committed', 5],
    ['published', 1],
    ['acknowledged', 1],
    ['delivered', 2],
  ]);
  expect(found?.stages[2]).toMatchObject({ groupSize: 7 });
  expect(found?.stages[6]).toMatchObject({ sockets: 3 });
  const [first, , third] = found?.stages ?? [];
  expect(Math.abs((third?.at ?? 0) - (first?.at ?? 0) - 3)).toBeLessThanOrEqual(1);
  expect(first?.at).toBeLessThanOrEqual(1_000_000 - 100);
});

test('a stage that was not reached is not told', () => {
  const traces = new Traces(10, Date.now);
  kept(traces, 1);
  expect(traces.find(id(1))?.stages.map(({ stage }) => stage)).toEqual(['received']);
});

test('the newest are kept and the oldest make room', () => {
  const traces = new Traces(3, Date.now);
  for (let seq = 1; seq <= 4; seq += 1) kept(traces, seq);
  expect([1, 2, 3, 4].map((seq) => traces.find(id(seq))?.seq)).toEqual([undefined, 2, 3, 4]);
  for (let seq = 5; seq <= 9; seq += 1) kept(traces, seq);
  expect([6, 7, 8, 9].map((seq) => traces.find(id(seq))?.seq)).toEqual([undefined, 7, 8, 9]);
});

test('what comes later is found by its position: the first of each kind and side that reaches the message', () => {
  const traces = new Traces(4, Date.now);
  traces.mark('receipt-read', here, 9, 'visitor');
  kept(traces, 2);
  traces.mark('receipt-delivered', here, 1, 'desk');
  traces.mark('receipt-delivered', 'other' as ConversationId, 2, 'desk');
  expect(traces.find(id(2))?.stages).toHaveLength(1);
  traces.mark('receipt-delivered', here, 2, 'desk');
  traces.mark('receipt-delivered', here, 3, 'desk');
  traces.mark('receipt-read', here, 3, 'desk');
  traces.mark('repeated', here, 3);
  expect(traces.find(id(2))?.stages.slice(1)).toEqual([
    expect.objectContaining({ stage: 'receipt-delivered', side: 'desk' }),
    expect.objectContaining({ stage: 'receipt-read', side: 'desk' }),
  ]);
  traces.mark('repeated', here, 2);
  expect(traces.find(id(2))?.stages.at(-1)).toMatchObject({ stage: 'repeated' });
});

test('off, there is no record and nothing is kept', () => {
  const traces = new Traces(0, Date.now);
  expect(traces.begin(1)).toBeUndefined();
  traces.mark('receipt-read', here, 1, 'desk');
  expect(traces.find(id(1))).toBeUndefined();
});
