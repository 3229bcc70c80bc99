/**
 * Every error that the server gives, over the websocket and over HTTP, with what to do about it.
 *
 * The catalogue is compared with protocol/README.md in both directions by a test.
 *
 * `retry` says whether the same request can succeed later without a change:
 * - `now`: send it again, at once on the first time, then with backoff;
 * - `later`: wait `retryAfterMs` of the error, or the client's own backoff where it is absent;
 * - `never`: it will fail again; change the request, or tell the person.
 *
 * The status of the same error over HTTP is in error-status.ts, which clients need not load. `close` is the code with which the server ends the websocket after it
 * (absent: the socket stays open). The ranges speak for themselves, so that an old client treats a new code rightly:
 * - 4000 to 4099: connect again, with the usual backoff;
 * - 4100 to 4199: connect again after `retryAfterMs` of the error frame that came before;
 * - 4500 to 4599: do not connect again until something has changed (a token, a setting, the client's version).
 */
export type Retry = 'now' | 'later' | 'never';

export interface ErrorKind {
  readonly retry: Retry;
  readonly close?: number;
}

const kinds = {
  // The socket as a whole
  'server-shutdown': { retry: 'now', close: 4000 },
  'slow-consumer': { retry: 'now', close: 4001 },
  'heartbeat-timeout': { retry: 'now', close: 4002 },
  'hello-timeout': { retry: 'now', close: 4003 },
  'identity-changed': { retry: 'now', close: 4004 },
  'stream-unknown': { retry: 'now', close: 4005 },
  'too-many-connections': { retry: 'later', close: 4100 },
  'frame-flood': { retry: 'later', close: 4101 },
  'protocol-unsupported': { retry: 'never', close: 4500 },
  'tenant-unknown': { retry: 'never', close: 4501 },
  'origin-forbidden': { retry: 'never', close: 4502 },
  'token-expired': { retry: 'never', close: 4503 },
  'token-invalid': { retry: 'never', close: 4504 },
  'frame-too-large': { retry: 'never', close: 4505 },
  'too-many-bad-frames': { retry: 'never', close: 4506 },
  // One frame or request
  'frame-malformed': { retry: 'never' },
  'frame-unknown': { retry: 'never' },
  'frame-invalid': { retry: 'never' },
  'hello-required': { retry: 'never' },
  'hello-repeated': { retry: 'never' },
  'request-invalid': { retry: 'never' },
  'rate-limited': { retry: 'later' },
  'server-busy': { retry: 'later' },
  'store-unavailable': { retry: 'later' },
  'internal': { retry: 'later' },
  // Who may do what
  'session-required': { retry: 'never' },
  'forbidden': { retry: 'never' },
  'not-found': { retry: 'never' },
  'credentials-invalid': { retry: 'never' },
  'identity-invalid': { retry: 'never' },
  'identity-expired': { retry: 'never' },
  'code-invalid': { retry: 'never' },
  // What a request says
  'text-too-long': { retry: 'never' },
  'text-empty': { retry: 'never' },
  'client-message-id-reused': { retry: 'never' },
  'recall-too-late': { retry: 'never' },
  'file-too-large': { retry: 'never' },
  'file-kind-forbidden': { retry: 'never' },
  'file-empty': { retry: 'never' },
  'file-unknown': { retry: 'never' },
  'push-endpoint-forbidden': { retry: 'never' },
  'push-subscription-invalid': { retry: 'never' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof kinds;

export const errorKinds: Readonly<Record<ErrorCode, ErrorKind>> = kinds;

/** As it stands in an error frame and, under `error`, in the body of every HTTP answer that is not 2xx. */
export interface ErrorBody {
  readonly code: ErrorCode;
  /** English, one sentence, for a developer. A user interface has words of its own for each code. */
  readonly message: string;
  readonly retry: Retry;
  /** Milliseconds to wait before the next try; only with `retry: 'later'`. */
  readonly retryAfterMs?: number;
}

/** Thrown in the server's domain and by the client's requests alike. */
export class InlayError extends Error {
  override readonly name = 'InlayError';
  constructor(
    readonly code: ErrorCode,
    message: string = code,
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
  get retry(): Retry {
    return errorKinds[this.code].retry;
  }
}

/** As it goes over the wire. */
export function bodyOf({ code, message, retry, retryAfterMs }: InlayError): ErrorBody {
  return { code, message, retry, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** What to do after the websocket closed with `code`; 1000 to 1015 are those of RFC 6455. */
export function retryAfterClose(code: number): Retry {
  if (code >= 4500 && code <= 4599) return 'never';
  if (code >= 4100 && code <= 4199) return 'later';
  return 'now';
}
