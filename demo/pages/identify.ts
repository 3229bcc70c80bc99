import { html } from '../html.ts';
import { layout, oneLine, ownScript, type Visit } from '../page.ts';

/** Who is signed in at the shop, for the sake of the demonstration always the same. */
export const customer = { id: 'customer-1042', name: 'Lin Xiaoyu' };

/** identify.js gives the loader a function; this server signs a fresh identity for each call of it. */
export const identify = (visit: Visit) => {
  const zh = visit.words.lang === 'zh-CN';
  return layout(visit, {
    path: '/identify',
    title: zh ? '已登录的客户' : 'Signed in',
    head: html`${ownScript(visit, '/identify.js')}${oneLine(visit)}`,
    body: html`<h1>${zh ? '客服知道是谁在说话' : 'The agent knows who is writing'}</h1>
<p class="lead">${zh ? '商店的服务器为登录的客户签发一个有效期五分钟的身份令牌，过期后自动再取。' : 'The shop’s own server signs who the customer is, for five minutes; when that has passed it is asked again.'}</p>
<div class="person"><div class="face" aria-hidden="true">LX</div><div><p>${customer.name}</p><small>${customer.id}</small></div></div>
<p class="actions"><button type="button" id="sign-out">${zh ? '退出登录' : 'Sign out'}</button></p>
<p class="note" id="state" role="status"></p>
<pre><code>Inlay('identify', () =&gt; fetch('/identity').then((answer) =&gt; answer.text()));</code></pre>`,
  });
};

export const identifyScript = `
window.Inlay = window.Inlay || function () {
  var call = arguments;
  return new Promise(function (resolve) { call.done = resolve; (Inlay.q = Inlay.q || []).push(call); });
};
Inlay('identify', () => fetch('/identity', { method: 'POST' }).then((answer) => answer.text()));
addEventListener('DOMContentLoaded', () => {
  const chinese = document.documentElement.lang.startsWith('zh');
  document.getElementById('sign-out').addEventListener('click', async () => {
    await Inlay('logout');
    document.getElementById('state').textContent = chinese ? '已退出，这台设备上的对话已清除。' : 'Signed out; the conversation is gone from this device.';
  });
});
`;
