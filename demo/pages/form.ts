import { html } from '../html.ts';
import { layout, ownScript, type Visit } from '../page.ts';

/**
 * A form as form makers (Mike CRM and others) build it. It embeds nothing: its button is the link page, to which form.js adds
 * what was typed so far, so that the agent sees it. The link works without the script, too.
 */
export const form = (visit: Visit) => {
  const { options, words } = visit;
  const zh = words.lang === 'zh-CN';
  return layout(visit, {
    path: '/form',
    title: zh ? '团购与定制' : 'Orders for companies',
    head: ownScript(visit, '/form.js'),
    body: html`<h1>${zh ? '团购与定制' : 'Orders for companies'}</h1>
<p class="lead">${zh ? '十件起订，可刻字。填到一半有问题，直接问客服，已填内容会一并带过去。' : 'From ten pieces on, engraved if you like. A question halfway through? Ask: what you have typed so far comes along.'}</p>
<form id="order">
<label>${zh ? '姓名' : 'Your name'}<input name="name" autocomplete="name" maxlength="60"></label>
<label>${zh ? '手机或邮箱' : 'Phone or e-mail'}<input name="contact" autocomplete="email" maxlength="200"></label>
<label>${zh ? '商品' : 'What'}<select name="field_product">${words.products.map(({ name }) => html`<option>${name}</option>`)}</select></label>
<label>${zh ? '数量' : 'How many'}<input name="field_quantity" inputmode="numeric" maxlength="8"></label>
<label>${zh ? '刻字内容' : 'Engraving'}<textarea name="field_engraving" maxlength="500"></textarea></label>
<div class="actions"><button class="primary" type="submit">${zh ? '提交' : 'Send the order'}</button>
<a class="button" id="ask" target="_blank" rel="noopener" href="${options.widgetUrl}/webim/im.html?tenantId=${options.tenantId}">${zh ? '咨询客服' : 'Ask before you send'}</a></div>
<p class="note" id="done" role="status"></p>
</form>`,
  });
};

export const formScript = `
addEventListener('DOMContentLoaded', () => {
  const form = document.getElementById('order');
  const link = document.getElementById('ask');
  const plain = link.href;
  const chinese = document.documentElement.lang.startsWith('zh');
  const fill = () => {
    const url = new URL(plain);
    for (const [name, value] of new FormData(form)) if (value) url.searchParams.set(name, value);
    link.href = url.href;
  };
  form.addEventListener('input', fill);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    document.getElementById('done').textContent = chinese
      ? '这是演示表单，内容没有发送。'
      : 'This is a demonstration: nothing was sent.';
  });
  fill();
});
`;
