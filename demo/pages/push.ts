import { html } from '../html.ts';
import { layout, oneLine, type Visit } from '../page.ts';

/** A host that added one file of its own, so that push is turned on here without a popup. */
export const push = (visit: Visit) => {
  const zh = visit.words.lang === 'zh-CN';
  return layout(visit, {
    path: '/push',
    title: zh ? '推送' : 'Push',
    head: oneLine(visit, html`data-sw="/inlay-sw.js"`),
    body: html`<h1>${zh ? '关掉页面，也能收到回复' : 'The answer finds you after you have left'}</h1>
<p class="lead">${zh ? '写下问题，点“有回复时通知我”，然后关掉这个页面。' : 'Write something, tap “Notify me”, and close this page. The answer arrives as a notification of this very site.'}</p>
<p>${zh ? '网站只需多放一个文件：' : 'All that the site added is one file:'}</p>
<pre><code>// /inlay-sw.js
importScripts('${visit.options.widgetUrl}/push-sw.js');</code></pre>`,
  });
};

/** The host's worker file, as the README tells hosts to write it. */
export const pushWorker = (widgetUrl: string): string =>
  `importScripts(${JSON.stringify(`${widgetUrl}/push-sw.js`)});\n`;
