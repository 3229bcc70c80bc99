/**
 * What belongs to the process and not to one server in it: CPU, memory, collections of garbage, the event loop's delay. Tests
 * run several servers in one process; the observers behind these cannot be ended and must not be many.
 */
import { readdir } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { gauges } from './tally.ts';

/** How often the delay is sampled. What is measured includes this pause and it is taken off again. */
const RESOLUTION_MS = 10;
const NS_PER_SECOND = 1e9;
const OPEN_FILES = 'process_open_fds';
/** Each lists all sockets while everything waits: with 15,000 of them the open files alone took 20 to 40 ms. */
const costly = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  OPEN_FILES,
];

let registry: Registry | undefined;

export function processRegistry(): Registry {
  registry ??= createRegistry();
  return registry;
}

function createRegistry(): Registry {
  const created = new Registry();
  collectDefaultMetrics({ register: created, eventLoopMonitoringPrecision: RESOLUTION_MS });
  for (const name of costly) created.removeSingleMetric(name);
  // Theirs counts the sampling pause as delay: an idle process would show 10 ms.
  for (const { name } of created.getMetricsAsArray())
    if (name.startsWith('nodejs_eventloop_lag')) created.removeSingleMetric(name);
  addEventLoopDelay(created);
  addOpenFiles(created);
  return created;
}

function addEventLoopDelay(to: Registry): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const seconds = (ns: number) => Math.max(0, (ns - RESOLUTION_MS * 1e6) / NS_PER_SECOND);
  gauges(
    to,
    {
      name: 'inlay_event_loop_delay_seconds',
      help: 'How late the event loop was since the last time somebody asked.',
      label: 'quantile',
    },
    () => {
      const found = {
        '0.5': seconds(delay.percentile(50)),
        '0.99': seconds(delay.percentile(99)),
        max: seconds(delay.max),
      };
      delay.reset();
      return found;
    },
  );
}

/** Under the usual name, and counted by another thread. */
function addOpenFiles(to: Registry): void {
  new Gauge({
    name: OPEN_FILES,
    help: 'Open file descriptors; -1 where the system does not tell.',
    registers: [to],
    async collect() {
      const open = await readdir('/proc/self/fd').catch(() => undefined);
      this.set(open?.length ?? -1);
    },
  });
}
