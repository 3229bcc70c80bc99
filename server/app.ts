/**
 * The whole server, put together. This is the only file that names concrete backends: another database, bus, storage or push
 * service is a change here and nowhere else.
 *
 * Start: the port is bound first, so that a port in use is found before anything is opened and the public address is known; until
 * all stands every request gets 503. Stop is the same backwards: nothing new comes in, requests under way are answered, sockets
 * are told to come back, and the store is closed last.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join, resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { bodyOf, InlayError } from '../protocol/errors.ts';
import { createDiskBlobs } from './blobs/disk.ts';
import type { Bus } from './bus/bus.ts';
import { MemoryBus, MemoryPresence } from './bus/memory.ts';
import type { Domain } from './domain/domain.ts';
import { Limits } from './domain/limits.ts';
import { Tokens } from './domain/tokens.ts';
import { Gateway } from './gateway/gateway.ts';
import { loadAssets } from './http/assets.ts';
import { createHttp } from './http/http.ts';
import { type Listening, listen } from './listen.ts';
import { createLog } from './log.ts';
import { Metrics } from './metrics.ts';
import { packageRoot, packageVersion } from './paths.ts';
import { generateVapidKeys, type VapidKeys, WebPush } from './push/web-push.ts';
import type { Settings } from './settings.ts';
import { openStore } from './store/sql-store.ts';
import { openSqlite } from './store/sqlite.ts';
import type { Store } from './store/store.ts';
import { Traces } from './trace.ts';
import { PushJobs } from './workers/push-jobs.ts';

const TOKEN_KEY_BYTES = 32;

export interface App {
  /** Resolves when it serves. Rejects, with everything closed again, when it cannot. */
  start(): Promise<Started>;
  /** Resolves when all is closed; at most about `shutdownMs` later. */
  stop(): Promise<void>;
}

export interface Started {
  readonly port: number;
  /** The public origin. */
  readonly url: string;
  /** For whoever runs in the same process: the demo's first start, tests. */
  readonly domain: Domain;
}

export interface AppOptions {
  /** Default: JSON lines on standard output. */
  readonly log?: Logger;
  /** Milliseconds since 1970. Default: the clock of the machine. */
  readonly now?: () => number;
}

export function createApp(settings: Settings, options: AppOptions = {}): App {
  const log = options.log ?? createLog(settings.logLevel);
  const now = options.now ?? Date.now;
  let starting: Promise<Running> | undefined;
  return {
    async start() {
      starting ??= run(settings, log, now);
      const { started } = await starting;
      return started;
    },
    async stop() {
      // A start that failed has closed what it opened and told its caller.
      const running = await starting?.catch(() => undefined);
      await running?.stop();
    },
  };
}

interface Running {
  readonly started: Started;
  stop(): Promise<void>;
}

async function run(configured: Settings, log: Logger, now: () => number): Promise<Running> {
  let serve: RequestListener = answerNotReady;
  const listening = await listen((request, response) => serve(request, response), { ...configured, setting: 'PORT' });
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of opened.reverse()) await close();
  };
  try {
    const settings = withAddress(configured, listening);
    const domain = await createDomain(settings, { log, now }, opened);
    const { http, gateway } = await createDoors(domain, () => serve !== answerNotReady);
    listening.server.on('upgrade', gateway.onUpgrade);
    const pushJobs = new PushJobs(domain);
    pushJobs.start();
    serve = (request, response) => http.routing(request, response);
    log.info({ port: listening.port, url: settings.publicUrl, dataDir: resolve(settings.dataDir) }, 'ready');
    return {
      started: { port: listening.port, url: settings.publicUrl, domain },
      async stop() {
        log.info('stopping');
        serve = answerNotReady;
        const closed = listening.close(settings.shutdownMs);
        await gateway.close(settings.shutdownMs);
        await Promise.all([closed, pushJobs.stop()]);
        await http.close();
        await closeAll();
        log.info('stopped');
      },
    };
  } catch (error) {
    await listening.close(0);
    await closeAll();
    throw error;
  }
}

/** From here on the settings say what is: the port that was given, and the origin under which browsers come. */
function withAddress(settings: Settings, { port }: Listening): Settings {
  return { ...settings, port, publicUrl: settings.publicUrl || `http://localhost:${port}` };
}

/** Pushes onto `opened` how to close what it opened, in the order of opening. */
async function createDomain(
  settings: Settings,
  { log, now }: Required<AppOptions>,
  opened: (() => Promise<void>)[],
): Promise<Domain> {
  const { dataDir } = settings;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const onError = (error: unknown) => log.error({ err: error }, 'an announcement failed');
  const metrics = new Metrics();
  const store = await openStore(
    openSqlite(join(dataDir, 'inlay.db'), {
      onRead: metrics.read.bind(metrics),
      onError: (error) => log.error({ err: error }, 'the log of the database is not folded in'),
    }),
    {
      onError,
      observer: metrics,
    },
  );
  metrics.gauge('inlay_writes_waiting', 'Writes that wait for their commit.', () => store.writesWaiting);
  opened.push(() => store.close());
  const bus = counted(new MemoryBus(onError), metrics);
  opened.push(() => bus.close());
  const push = new WebPush({
    keys: await vapidKeys(store),
    subject: settings.pushSubject || defaultSubject(settings.publicUrl),
    endpoints: { allow: settings.pushEndpointAllow },
    ...(settings.pushExtraCa && { extraCa: await readFile(settings.pushExtraCa, 'utf8') }),
  });
  opened.push(async () => push.close());
  return {
    settings,
    store,
    bus,
    presence: new MemoryPresence(),
    blobs: await createDiskBlobs(join(dataDir, 'files')),
    push,
    tokens: new Tokens(
      await store.keys.getOrCreate('tokens', () => randomBytes(TOKEN_KEY_BYTES).toString('base64url')),
      now,
    ),
    limits: new Limits(settings),
    metrics,
    traces: new Traces(settings.traceMessages, now),
    log,
    now,
  };
}

function counted(bus: Bus, metrics: Metrics): Bus {
  return {
    publish(events) {
      metrics.published(events.length);
      bus.publish(events);
    },
    subscribe: (listener) => bus.subscribe(listener),
    close: () => bus.close(),
  };
}

/** Made once: browsers that subscribed with one key get nothing that is signed with another. */
async function vapidKeys(store: Store): Promise<VapidKeys> {
  return JSON.parse(await store.keys.getOrCreate('vapid', () => JSON.stringify(generateVapidKeys()))) as VapidKeys;
}

/** Push services want to know whom to ask; an address on localhost is none. */
function defaultSubject(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? publicUrl : 'mailto:operator@example.com';
}

async function createDoors(
  domain: Domain,
  isServing: () => boolean,
): Promise<{ http: FastifyInstance; gateway: Gateway }> {
  const assets = await loadAssets(domain.settings.assetsDir || join(packageRoot(), 'dist'));
  if (assets.size === 0) domain.log.warn('the pages are not built: run npm run build');
  const isReady = async () => {
    try {
      await domain.store.ready();
      return isServing();
    } catch (error) {
      domain.log.warn({ err: error }, 'the store does not answer');
      return false;
    }
  };
  const gateway = new Gateway(domain);
  const http = await createHttp({ domain, assets, version: packageVersion(), isReady, gateway });
  return { http, gateway };
}

/** While it starts and while it stops: alive, not ready. */
function answerNotReady(request: IncomingMessage, response: ServerResponse): void {
  const alive = request.url === '/healthz';
  const error = new InlayError('server-shutdown', 'The server is starting or going down.');
  response.writeHead(alive ? 200 : 503, {
    'content-type': 'application/json',
    'retry-after': '1',
    'connection': 'close',
  });
  response.end(JSON.stringify(alive ? { ok: true } : { error: bodyOf(error) }));
}
