/**
 * The security headers of every kind of answer, in one place. Nothing we serve runs inline script or style, and nothing is
 * framed, read across origins or sniffed unless it stands here.
 */
export type Headers = Readonly<Record<string, string>>;

const always = { 'x-content-type-options': 'nosniff' } as const;

/** JSON for our own pages: never kept, never shown. */
export const apiHeaders: Headers = {
  ...always,
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

/** Built files with a hash in their name. */
export const assetHeaders: Headers = {
  ...always,
  'cache-control': 'public, max-age=31536000, immutable',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Scripts that pages of hosts load, also those under Cross-Origin-Embedder-Policy and with the `crossorigin` attribute. No
 * Content-Security-Policy: a host's service worker that imports ours is governed by its own.
 */
export const hostScriptHeaders: Headers = {
  ...always,
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
};

/**
 * Uploaded files. Whatever a file holds, a browser that is led to it runs nothing: no script, no form, no origin of ours
 * (sandbox). Pictures may be drawn by the widget inside a page of another origin.
 */
export const fileHeaders: Headers = {
  ...always,
  'cache-control': 'public, max-age=31536000, immutable',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
};

export interface PageOptions {
  readonly publicUrl: string;
  /** The value of `frame-ancestors`. */
  readonly ancestors: string;
  /** Stands in an iframe of a page that may ask every frame for Cross-Origin-Embedder-Policy. */
  readonly embedded: boolean;
}

export function pageHeaders({ publicUrl, ancestors, embedded }: PageOptions): Headers {
  const socket = publicUrl.replace(/^http/, 'ws');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data: https:",
    `connect-src 'self' ${socket}`,
    "media-src 'self' blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors}`,
  ];
  return {
    ...always,
    'cache-control': 'no-cache',
    'content-security-policy': policy.join('; '),
    'referrer-policy': 'strict-origin-when-cross-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    ...(publicUrl.startsWith('https:') && { 'strict-transport-security': 'max-age=31536000' }),
    ...(ancestors === "'none'" && { 'x-frame-options': 'DENY' }),
    ...(embedded && { 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-resource-policy': 'cross-origin' }),
  };
}
