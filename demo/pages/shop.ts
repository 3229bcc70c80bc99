import { html } from '../html.ts';
import { layout, oneLine, type Visit } from '../page.ts';

/** A shop with the one line in its head; also served under the strict policies of site.ts. */
export const shop = (visit: Visit, path = '/') => {
  const { words } = visit;
  return layout(visit, {
    path,
    title: words.title,
    head: oneLine(visit),
    body: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
<ul class="goods">${words.products.map(
      ({ art, name, text, price }) =>
        html`<li><img src="/art/${art}.svg" alt="" width="320" height="240"><h2>${name}</h2><p>${text}</p><div class="row"><b>${price}</b><button type="button">${words.buy}</button></div></li>`,
    )}</ul>
<dl>${words.facts.map(([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}</dl>
<p class="note">${words.note}</p>`,
  });
};
