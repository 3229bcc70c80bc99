import { type Html, html } from './html.ts';
import type { Words } from './words.ts';

export interface DemoOptions {
  /** Origin of the server, which is another one than that of these pages. */
  readonly widgetUrl: string;
  readonly tenantId: string;
  /** Signs identities on /identify; never leaves this process. */
  readonly tenantSecret: string;
}

/** What a page is made with: the options, the visitor's language, and a fresh nonce for pages whose policy wants one. */
export interface Visit {
  readonly options: DemoOptions;
  readonly words: Words;
  readonly nonce: string;
  readonly query: URLSearchParams;
}

export interface Page {
  readonly path: string;
  readonly title: string;
  readonly body: Html;
  /** What stands in the head beside the style: the one line, and what the page needs with it. */
  readonly head: Html;
}

/** The one line of the README, with more attributes where a page shows them. */
export const oneLine = ({ options, words, nonce }: Visit, attributes: Html = html``): Html =>
  html`<script async src="${options.widgetUrl}/inlay.js" data-tenant="${options.tenantId}" data-locale="${words.lang}" nonce="${nonce}" ${attributes}></script>`;

/** A script of the page itself, in a file: no page here needs inline scripts. */
export const ownScript = ({ nonce }: Visit, path: string): Html =>
  html`<script src="${path}" nonce="${nonce}"></script>`;

export const layout = ({ words }: Visit, { path, title, body, head }: Page): Html => html`<!doctype html>
<html lang="${words.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${words.brand}</title>
<link rel="icon" href="/art/leaf.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
${head}
</head>
<body>
<header><strong>${words.brand}</strong><nav>${words.nav.map(([to, text]) =>
  to === path ? html`<a href="${to}" aria-current="page">${text}</a>` : html`<a href="${to}">${text}</a>`,
)}</nav></header>
<main>${body}</main>
</body>
</html>`;
