import { html } from '../html.ts';
import { layout, type Visit } from '../page.ts';

/**
 * What a mini-program shows in its web-view. A real one loads the link page at the top level and gives it the platform's
 * bridge (`wx.miniProgram`); a browser can do neither, so this page is an imitation and says so.
 */
export const miniProgram = (visit: Visit) => {
  const { options, words } = visit;
  const zh = words.lang === 'zh-CN';
  const link = `${options.widgetUrl}/webim/im.html?tenantId=${options.tenantId}`;
  return layout(visit, {
    path: '/mini-program',
    title: zh ? '小程序' : 'Mini-program',
    head: html``,
    body: html`<div class="split"><div>
<h1>${zh ? '小程序里的客服' : 'Inside a mini-program'}</h1>
<p class="lead">${zh ? '小程序的 web-view 直接打开链接页，不需要 SDK。' : 'The web-view of a mini-program opens the link page itself; no SDK is needed.'}</p>
<pre><code>&lt;web-view src="${link}" /&gt;</code></pre>
<p><a class="button primary" href="${link}">${zh ? '像 web-view 一样整页打开' : 'Open it as a web-view does'}</a></p>
<p class="note">${zh ? '右边是模仿：浏览器里没有 wx.miniProgram，所以没有返回小程序的动作，页面也在框架里。真实的 web-view 会整页加载它，并提供 wx.miniProgram；还要把域名加入业务域名，并放好校验文件。' : 'The phone is an imitation: a browser has no wx.miniProgram, so nothing leads back into a mini-program, and the page stands in a frame. A real web-view loads it as a whole page with the bridge; the platform also wants the domain in its list and its verification file at the root.'}</p>
</div>
<div class="phone"><header><span aria-hidden="true">‹</span><span>${words.brand}</span><span aria-hidden="true">••• ◎</span></header>
<iframe src="${link}" title="${zh ? '链接页' : 'The link page'}" allow="clipboard-write"></iframe></div></div>`,
  });
};
