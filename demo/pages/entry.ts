import { html } from '../html.ts';
import { layout, oneLine, type Visit } from '../page.ts';

/** The launcher is hidden; the host's own elements open the chat. The link leads to the link page where no script runs. */
export const entry = (visit: Visit) => {
  const { options, words } = visit;
  const zh = words.lang === 'zh-CN';
  return layout(visit, {
    path: '/entry',
    title: zh ? '自有入口' : 'Your own buttons',
    head: oneLine(visit, html`data-hide`),
    body: html`<h1>${zh ? '任何元素都可以是入口' : 'Anything can open the chat'}</h1>
<p class="lead">${zh ? '这里没有右下角的按钮。只要加上 data-inlay-open，按钮、菜单项、链接都能打开对话。' : 'There is no button in the corner here. Whatever carries data-inlay-open opens the conversation: a button, an item of a menu, a link.'}</p>
<h2>${zh ? '按钮' : 'A button'}</h2>
<p><button class="primary" type="button" data-inlay-open>${zh ? '联系客服' : 'Talk to us'}</button></p>
<h2>${zh ? '菜单项' : 'An item of a menu'}</h2>
<ul class="menu"><li><button type="button">${zh ? '我的订单' : 'My orders'}</button></li><li><button type="button" data-inlay-open>${zh ? '帮助与客服' : 'Help'}</button></li></ul>
<h2>${zh ? '链接' : 'A link'}</h2>
<p>${zh ? '还有疑问？' : 'Still wondering?'} <a data-inlay-open href="${options.widgetUrl}/im/${options.tenantId}">${zh ? '直接问小梅' : 'Ask Mei'}</a></p>
<pre><code>&lt;button data-inlay-open&gt;…&lt;/button&gt;</code></pre>`,
  });
};
