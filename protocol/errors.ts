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
 * `http` is the status of the same error over HTTP. `close` is the code with which the server ends the websocket after it
 * (absent: the socket stays open). The ranges speak for themselves, so that an old client treats a new code rightly:
 * - 4000 to 4099: connect again, with the usual backoff;
 * - 4100 to 4199: connect again after `retryAfterMs` of the error frame that came before;
 * - 4500 to 4599: do not connect again until something has changed (a token, a setting, the client's version).
 */
export type Retry = 'now' | 'later' | 'never';

export interface ErrorKind {
  readonly retry: Retry;
  readonly http: number;
  readonly close?: number;
}

const kinds = {
  // The socket as a whole
  'server-shutdown': { retry: 'now', http: 503, close: 4000 },
  'slow-consumer': { retry: 'now', http: 503, close: 4001 },
  'heartbeat-timeout': { retry: 'now', http: 408, close: 4002 },
  'hello-timeout': { retry: 'now', http: 408, close: 4003 },
  'identity-changed': { retry: 'now', http: 409, close: 4004 },
  'stream-unknown': { retry: 'now', http: 404, close: 4005 },
  'too-many-connections': { retry: 'later', http: 429, close: 4100 },
  'frame-flood': { retry: 'later', http: 429, close: 4101 },
  'protocol-unsupported': { retry: 'never', http: 426, close: 4500 },
  'tenant-unknown': { retry: 'never', http: 404, close: 4501 },
  'origin-forbidden': { retry: 'never', http: 403, close: 4502 },
  'token-expired': { retry: 'never', http: 401, close: 4503 },
  'token-invalid': { retry: 'never', http: 401, close: 4504 },
  'frame-too-large': { retry: 'never', http: 413, close: 4505 },
  'too-many-bad-frames': { retry: 'never', http: 400, close: 4506 },
  // One frame or request
  'frame-malformed': { retry: 'never', http: 400 },
  'frame-unknown': { retry: 'never', http: 400 },
  'frame-invalid': { retry: 'never', http: 400 },
  'hello-required': { retry: 'never', http: 400 },
  'hello-repeated': { retry: 'never', http: 400 },
  'request-invalid': { retry: 'never', http: 400 },
  'rate-limited': { retry: 'later', http: 429 },
  'server-busy': { retry: 'later', http: 503 },
  'store-unavailable': { retry: 'later', http: 503 },
  'internal': { retry: 'later', http: 500 },
  // Who may do what
  'session-required': { retry: 'never', http: 401 },
  'forbidden': { retry: 'never', http: 403 },
  'not-found': { retry: 'never', http: 404 },
  'credentials-invalid': { retry: 'never', http: 401 },
  'identity-invalid': { retry: 'never', http: 401 },
  'identity-expired': { retry: 'never', http: 401 },
  'code-invalid': { retry: 'never', http: 410 },
  // What a request says
  'text-too-long': { retry: 'never', http: 413 },
  'text-empty': { retry: 'never', http: 400 },
  'client-message-id-reused': { retry: 'never', http: 409 },
  'recall-too-late': { retry: 'never', http: 409 },
  'file-too-large': { retry: 'never', http: 413 },
  'file-kind-forbidden': { retry: 'never', http: 415 },
  'file-empty': { retry: 'never', http: 400 },
  'file-unknown': { retry: 'never', http: 404 },
  'push-endpoint-forbidden': { retry: 'never', http: 403 },
  'push-subscription-invalid': { retry: 'never', http: 400 },
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
  toBody(): ErrorBody {
    const body = { code: this.code, message: this.message, retry: this.retry };
    return this.retryAfterMs === undefined ? body : { ...body, retryAfterMs: this.retryAfterMs };
  }
}

/** What to do after the websocket closed with `code`; 1000 to 1015 are those of RFC 6455. */
export function retryAfterClose(code: number): Retry {
  if (code >= 4500 && code <= 4599) return 'never';
  if (code >= 4100 && code <= 4199) return 'later';
  return 'now';
}
