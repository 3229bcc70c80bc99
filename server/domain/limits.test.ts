import { beforeEach, expect, test } from 'vitest';
import { InlayError } from '../../protocol/errors.ts';
import { type LimitSettings, Limits } from './limits.ts';

const settings: LimitSettings = {
  rateMessagesPerUser: 3,
  rateMessagesPerAgent: 0,
  rateMessagesPerTenant: 100,
  rateSessionsPerAddress: 1,
  rateUploadsPerUser: 1,
  rateSignInsPerAccount: 1,
  rateSignInsPerAddress: 1,
};
let now = 0;
beforeEach(() => {
  now = 0;
});
const create = (max?: number) => new Limits(settings, () => now, max);

function refusal(take: () => void): InlayError | undefined {
  try {
    take();
    return undefined;
  } catch (error) {
    if (error instanceof InlayError) return error;
    throw error;
  }
}

test('what a minute allows may come at once, and the next one is told when to come', () => {
  const limits = create();
  const take = () => limits.take('messagesPerUser', 'ann');
  for (let n = 0; n < 3; n++) take();
  expect(refusal(take)).toMatchObject({ code: 'rate-limited', retryAfterMs: 20_000 });
  now = 19_000;
  expect(refusal(take)).toMatchObject({ retryAfterMs: 1_000 });
  now = 20_000;
  expect(refusal(take)).toBeUndefined();
  expect(refusal(take)).toBeDefined();
});

test('a long silence allows no more than a minute does', () => {
  const limits = create();
  const take = () => limits.take('messagesPerUser', 'ann');
  take();
  now = 3_600_000;
  for (let n = 0; n < 3; n++) take();
  expect(refusal(take)).toBeDefined();
});

test('one person, one kind: others notice nothing', () => {
  const limits = create();
  limits.take('sessionsPerAddress', '192.0.2.1');
  expect(refusal(() => limits.take('sessionsPerAddress', '192.0.2.1'))).toBeDefined();
  expect(refusal(() => limits.take('sessionsPerAddress', '192.0.2.2'))).toBeUndefined();
  expect(refusal(() => limits.take('signInsPerAddress', '192.0.2.1'))).toBeUndefined();
});

test('0 means no limit', () => {
  const limits = create();
  for (let n = 0; n < 10_000; n++) limits.take('messagesPerAgent', 'lin');
});

test('the number of buckets is bounded: full ones are forgotten first, empty ones are kept', () => {
  const limits = create(10);
  limits.take('sessionsPerAddress', 'spent');
  now = 30_000;
  for (let n = 0; n < 9; n++) limits.take('messagesPerUser', `user ${n}`);
  now = 55_000;
  limits.take('messagesPerUser', 'one more');
  expect(refusal(() => limits.take('sessionsPerAddress', 'spent'))).toBeDefined();
  for (let n = 0; n < 1_000; n++) limits.take('messagesPerUser', `many ${n}`);
});
