/**
 * All that an operator may set, in one table: the name in the environment, the default, the unit, what is accepted, and what
 * it is for. A value comes from the environment, else from the JSON file that CONFIG_FILE names (an object with the same
 * names as keys), else from the default. A value that cannot be right ends the start and is named: a server that runs with
 * another setting than the operator believes is worse than one that does not run.
 */
import { readFileSync } from 'node:fs';

/** What is wrong with which setting; main.ts prints the message and ends with exit code 2. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  constructor(
    readonly setting: string,
    problem: string,
  ) {
    super(`${setting}: ${problem}`);
  }
}

interface Setting<T> {
  readonly env: string;
  readonly default: T;
  /** What the number counts, or the form of the text. */
  readonly unit: string;
  /** Throws an Error that says what would be right. */
  readonly parse: (text: string) => T;
  readonly doc: string;
  /** Its value is not shown when it is refused. */
  readonly secret?: true;
}

function setting<T>(env: string, fallback: T, unit: string, parse: (text: string) => T, doc: string): Setting<T> {
  return { env, default: fallback, unit, parse, doc };
}

const PORT_MAX = 65_535;
const DAY_MS = 86_400_000;
const RATE_MAX = 1_000_000;

const MIB = 1024 * 1024;
/** Too many to guess. */
const METRICS_TOKEN_MIN = 20;

export const settingsTable = {
  port: setting('PORT', 8080, 'TCP port', integer(0, PORT_MAX), 'Where the server listens. 0: any free port.'),
  host: setting('HOST', '', 'address', text, 'Address to listen on. Empty: all, IPv4 and IPv6.'),
  publicUrl: setting(
    'PUBLIC_URL',
    '',
    'origin',
    origin,
    'The origin under which browsers reach the server. Empty: http://localhost and the port. With https, cookies are Secure.',
  ),
  dataDir: setting('DATA_DIR', 'data', 'path', text, 'Folder of the database, uploaded files and keys.'),
  assetsDir: setting(
    'ASSETS_DIR',
    '',
    'path',
    text,
    'Folder of the built pages and scripts. Empty: dist of this package.',
  ),
  logLevel: setting(
    'LOG_LEVEL',
    'info' as const,
    'level',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'How much is logged, as JSON lines on standard output.',
  ) as Setting<LogLevel>,
  trustProxy: setting(
    'TRUST_PROXY',
    0,
    'proxies, or off',
    proxies,
    'How many proxies of the operator stand before the server and append to X-Forwarded-For. Off: the header is not believed.',
  ),
  shutdownMs: setting(
    'SHUTDOWN_MS',
    10_000,
    'ms',
    integer(0, 600_000),
    'After SIGTERM: the longest wait for requests and commits under way.',
  ),

  metricsToken: {
    ...setting(
      'METRICS_TOKEN',
      '',
      `text of ${METRICS_TOKEN_MIN} or more`,
      operatorToken,
      'Whoever sends it as Bearer may read /metrics and message traces. Empty: only from this machine, past no proxy; with a PUBLIC_URL that is not on localhost and no TRUST_PROXY, nobody.',
    ),
    secret: true,
  },
  traceMessages: setting(
    'TRACE_MESSAGES',
    10_000,
    'messages, 0: off',
    integer(0, 1_000_000),
    'How many of the newest messages can be traced through their stages.',
  ),

  demo: setting('DEMO', true, 'on or off', onOff, 'Creates a demo tenant and serves demo pages (start.ts only).'),
  demoPort: setting(
    'DEMO_PORT',
    -1,
    'TCP port',
    integer(0, PORT_MAX),
    'Where the demo pages listen, on an origin of their own. Default: PORT + 1, or any free port when PORT is 0.',
  ),
  demoUrl: setting(
    'DEMO_URL',
    '',
    'origin',
    origin,
    'The origin of the demo pages. Empty: http://127.0.0.1 and DEMO_PORT when PUBLIC_URL is on localhost, else its host.',
  ),

  connectionsPerAddress: setting(
    'CONNECTIONS_PER_ADDRESS',
    200,
    'sockets',
    integer(1, 1_000_000),
    'Websockets at a time from one address; many people may share one. More: too-many-connections.',
  ),
  connectionsPerTenant: setting(
    'CONNECTIONS_PER_TENANT',
    20_000,
    'sockets',
    integer(1, 10_000_000),
    'Websockets of one tenant at a time. More: too-many-connections.',
  ),
  connectionsGreeting: setting(
    'CONNECTIONS_GREETING',
    4_000,
    'sockets',
    integer(1, 1_000_000),
    'Websockets that are not welcomed yet. More are told to come back a moment later: too-many-connections.',
  ),
  helloTimeoutMs: setting(
    'HELLO_TIMEOUT_MS',
    10_000,
    'ms',
    integer(100, 600_000),
    'How long a socket may wait with its hello.',
  ),
  heartbeatIntervalMs: setting(
    'HEARTBEAT_INTERVAL_MS',
    15_000,
    'ms',
    integer(100, 600_000),
    'Pause between two pings of the server. Shorter than the idle timeout of any proxy in front.',
  ),
  heartbeatTimeoutMs: setting(
    'HEARTBEAT_TIMEOUT_MS',
    12_000,
    'ms',
    integer(50, 600_000),
    'How long a client may take to answer a ping before its socket counts as dead.',
  ),

  recallSeconds: setting(
    'RECALL_SECONDS',
    120,
    's, 0: never',
    integer(0, 31_536_000),
    'How long after sending a message its sender may take it back.',
  ),

  rateFramesPerSocket: setting(
    'RATE_FRAMES_PER_SOCKET',
    60,
    'frames a second, 0: no limit',
    integer(0, RATE_MAX),
    'Requests that one socket may send in the long run; twice as many at once. More: rate-limited.',
  ),
  rateMessagesPerUser: setting(
    'RATE_MESSAGES_PER_USER',
    60,
    'a minute, 0: no limit',
    integer(0, RATE_MAX),
    'Messages of one visitor.',
  ),
  rateMessagesPerAgent: setting(
    'RATE_MESSAGES_PER_AGENT',
    300,
    'a minute, 0: no limit',
    integer(0, RATE_MAX),
    'Messages of one agent.',
  ),
  rateMessagesPerTenant: setting(
    'RATE_MESSAGES_PER_TENANT',
    12_000,
    'a minute, 0: no limit',
    integer(0, RATE_MAX),
    'Messages of one tenant, all senders together.',
  ),
  rateSessionsPerAddress: setting(
    'RATE_SESSIONS_PER_ADDRESS',
    60,
    'a minute, 0: no limit',
    integer(0, RATE_MAX),
    'New visitors (session.create, session.identify) from one address.',
  ),
  rateUploadsPerUser: setting(
    'RATE_UPLOADS_PER_USER',
    20,
    'a minute, 0: no limit',
    integer(0, RATE_MAX),
    'Files uploaded by one person.',
  ),
  rateSignInsPerAccount: setting(
    'RATE_SIGN_INS_PER_ACCOUNT',
    10,
    'a minute, 0: no limit',
    integer(0, RATE_MAX),
    'Attempts to sign in to one account.',
  ),
  rateSignInsPerAddress: setting(
    'RATE_SIGN_INS_PER_ADDRESS',
    30,
    'a minute, 0: no limit',
    integer(0, RATE_MAX),
    'Attempts to sign in from one address.',
  ),
  fileMaxBytes: setting('FILE_MAX_BYTES', 20 * MIB, 'bytes', integer(1, 1024 * MIB), 'Size of one uploaded file.'),

  pushDelayMs: setting(
    'PUSH_DELAY_MS',
    10_000,
    'ms',
    integer(0, DAY_MS),
    'How long a message may stay unread before whoever is away gets a notification.',
  ),
  pushSubject: setting(
    'PUSH_SUBJECT',
    '',
    'mailto: or https:',
    pushSubject,
    'Whom a push service may contact (RFC 8292). Empty: PUBLIC_URL when it is https, else a placeholder.',
  ),
  pushEndpointAllow: setting(
    'PUSH_ENDPOINT_ALLOW',
    [] as readonly string[],
    'host[:port], comma-separated',
    hosts,
    'Push services accepted beside those of the known browsers: a host also stands for the hosts below it.',
  ),
  pushExtraCa: setting(
    'PUSH_EXTRA_CA',
    '',
    'path',
    text,
    'PEM file with a further certificate authority for push services of one’s own.',
  ),
} satisfies Record<string, Setting<unknown>>;

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
type Table = typeof settingsTable;
/** Read once at the start. `publicUrl` and `port` are what the server really has from the moment it listens (app.ts). */
export type Settings = { readonly [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T : never };

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws a SettingError for the first value that cannot be right. */
export function readSettings(environment: Environment = process.env): Settings {
  const file = readConfigFile(environment.CONFIG_FILE);
  const entries = Object.entries(settingsTable).map(([name, row]) => [
    name,
    readOne(row, environment[row.env] || file[row.env]),
  ]);
  return withDemoPort(Object.fromEntries(entries) as Settings);
}

function readOne(row: Setting<unknown>, value: string | undefined): unknown {
  if (value === undefined || value === '') return row.default;
  try {
    return row.parse(value.trim());
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const shown = row.secret ? 'the value' : JSON.stringify(value);
    throw new SettingError(row.env, `${shown} is not accepted: ${problem}`);
  }
}

function withDemoPort(settings: Settings): Settings {
  if (settings.demoPort >= 0) return settings;
  if (settings.port === PORT_MAX && settings.demo)
    throw new SettingError('DEMO_PORT', 'must be set when PORT is 65535');
  return { ...settings, demoPort: settings.port === 0 ? 0 : settings.port + 1 };
}

function readConfigFile(path: string | undefined): Record<string, string> {
  if (!path) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new SettingError('CONFIG_FILE', `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new SettingError('CONFIG_FILE', 'must hold a JSON object');
  const known = new Set<string>(Object.values(settingsTable).map((row) => row.env));
  return Object.fromEntries(Object.entries(parsed).map(([env, value]) => [env, fromFile(known, env, value)]));
}

function fromFile(known: ReadonlySet<string>, env: string, value: unknown): string {
  if (!known.has(env)) throw new SettingError(env, 'in CONFIG_FILE, is no setting');
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(',');
  throw new SettingError(env, 'in CONFIG_FILE, must be a text, a number, true, false or a list of texts');
}

function text(value: string): string {
  return value;
}

function integer(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max)
      throw new Error(`it must be a whole number from ${min} to ${max}`);
    return number;
  };
}

function oneOf<T extends string>(...choices: readonly T[]): (value: string) => T {
  return (value) => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw new Error(`it must be one of ${choices.join(', ')}`);
    return found;
  };
}

function onOff(value: string): boolean {
  if (/^(on|true|yes|1)$/i.test(value)) return true;
  if (/^(off|false|no|0)$/i.test(value)) return false;
  throw new Error('it must be on or off');
}

function proxies(value: string): number {
  return /^off$/i.test(value) ? 0 : integer(0, 10)(value);
}

function origin(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const bare = url !== undefined && (url.pathname === '/' || url.pathname === '') && !url.search && !url.hash;
  if (!url || !bare || url.username || url.password || !/^https?:$/.test(url.protocol))
    throw new Error('it must be an origin such as https://chat.example.com, without a path');
  return url.origin;
}

function operatorToken(value: string): string {
  // What a header can carry (RFC 6750), so that a token that can never be sent is found at the start.
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(value) || value.length < METRICS_TOKEN_MIN)
    throw new Error(`it must have ${METRICS_TOKEN_MIN} or more of A-Z a-z 0-9 . _ ~ + / -`);
  return value;
}

function pushSubject(value: string): string {
  if (!/^mailto:[^\s@]+@[^\s@]+$/.test(value) && !/^https:\/\/[^\s/]+/.test(value))
    throw new Error('it must be mailto: with an address, or https:');
  return value;
}

function hosts(value: string): readonly string[] {
  const list = value
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .filter(Boolean);
  const wrong = list.find((item) => !/^[a-z0-9.-]+(:\d{1,5})?$/.test(item));
  if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} is no host or host:port`);
  return list;
}
