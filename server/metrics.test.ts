import { expect, test } from 'vitest';
import { Metrics } from './metrics.ts';

/** By the whole name with its labels, as it stands in the text. */
async function read(metrics: Metrics): Promise<Map<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

test('counts grow and are the same however often somebody asks', async () => {
  const metrics = new Metrics();
  metrics.received('message.send');
  metrics.received('message.send');
  metrics.messages(2, 1);
  await metrics.text();
  const [shown, again] = await Promise.all([read(metrics), read(metrics)]);
  expect(shown.get('inlay_frames_received_total{type="message.send"}')).toBe(2);
  expect(shown.get('inlay_frames_received_total{type="ping"}')).toBe(0);
  expect(shown.get('inlay_messages_committed_total')).toBe(2);
  expect(shown.get('inlay_messages_repeated_total')).toBe(1);
  expect(again.get('inlay_messages_committed_total')).toBe(2);
});

test('durations are given in ms and shown in seconds, each bucket with all below it', async () => {
  const metrics = new Metrics();
  metrics.committed(3, 0.2, 0.25);
  metrics.committed(300, 30, 20_000);
  const shown = await read(metrics);
  const commit = (le: string) => shown.get(`inlay_commit_duration_seconds_bucket{le="${le}"}`);
  expect(['0.00025', '0.0005', '10', '+Inf'].map(commit)).toEqual([1, 1, 1, 2]);
  expect(shown.get('inlay_commit_duration_seconds_sum')).toBeCloseTo(20.00025);
  expect(shown.get('inlay_commit_duration_seconds_count')).toBe(2);
  expect(shown.get('inlay_commit_queue_wait_seconds_bucket{le="0.05"}')).toBe(2);
  expect(shown.get('inlay_commit_group_size_bucket{le="4"}')).toBe(1);
  expect(shown.get('inlay_commit_group_size_bucket{le="512"}')).toBe(2);
  expect(shown.get('inlay_commit_group_size_sum')).toBe(303);
});

test('a duration has a series for each type that there was', async () => {
  const metrics = new Metrics();
  metrics.answered('message.send', 3);
  const shown = await read(metrics);
  expect(shown.get('inlay_request_duration_seconds_bucket{type="message.send",le="0.005"}')).toBe(1);
  expect(shown.get('inlay_request_duration_seconds_count{type="message.send"}')).toBe(1);
  expect(shown.has('inlay_request_duration_seconds_count{type="ping"}')).toBe(false);
});

test('open sockets are those opened and not closed; a code that a stranger chose makes no series', async () => {
  const metrics = new Metrics();
  metrics.socketOpened('websocket');
  metrics.socketOpened('websocket');
  metrics.socketOpened('http');
  metrics.socketClosed('websocket', 4001);
  metrics.socketClosed('http', 3999);
  const shown = await read(metrics);
  expect(shown.get('inlay_sockets_open{kind="websocket"}')).toBe(1);
  expect(shown.get('inlay_sockets_open{kind="http"}')).toBe(0);
  expect(shown.get('inlay_sockets_closed_total{code="4001"}')).toBe(1);
  expect(shown.get('inlay_sockets_closed_total{code="other"}')).toBe(1);
  expect([...shown.keys()].filter((name) => name.includes('3999'))).toEqual([]);
});

test('a state is read when somebody asks', async () => {
  const metrics = new Metrics();
  let bytes = 5;
  let lanes: Record<string, number> = { bulk: 1, interactive: 2 };
  metrics.gauge('inlay_test_bytes', 'Bytes.', () => bytes);
  metrics.gauges('inlay_test_writes', 'Writes.', 'lane', () => lanes);
  expect((await read(metrics)).get('inlay_test_writes{lane="bulk"}')).toBe(1);
  bytes = 7;
  lanes = { interactive: 3 };
  const shown = await read(metrics);
  expect(shown.get('inlay_test_bytes')).toBe(7);
  expect(shown.get('inlay_test_writes{lane="interactive"}')).toBe(3);
  expect(shown.has('inlay_test_writes{lane="bulk"}')).toBe(false);
});

test('the process is in it: CPU, memory and the delay of the event loop, without the pause of the sampling', async () => {
  const metrics = new Metrics();
  await read(metrics);
  const before = performance.now();
  // Asked of the operating system's timers and not of a fake: the delay is measured by them.
  await new Promise((resolve) => setTimeout(resolve, 30));
  while (performance.now() - before < 150) Math.sqrt(2);
  await new Promise((resolve) => setTimeout(resolve, 30));
  const shown = await read(metrics);
  expect(shown.get('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(shown.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  expect(shown.has('process_open_fds')).toBe(true);
  expect(shown.get('inlay_event_loop_delay_seconds{quantile="max"}')).toBeGreaterThan(0.05);
  expect([...shown.keys()].filter((name) => /eventloop_lag|active_handles/.test(name))).toEqual([]);
});

test('each name is there once, with a help', async () => {
  const text = await new Metrics().text();
  const names = [...text.matchAll(/^# HELP (\S+) (.+)$/gm)];
  expect(new Set(names.map(([, name]) => name)).size).toBe(names.length);
  expect(names.filter(([, , help]) => (help ?? '').length < 8)).toEqual([]);
  expect(text.endsWith('\n')).toBe(true);
  expect(text).not.toMatch(/\n\n\n/);
});
