import { expect, test } from 'vitest';
import { html } from './html.ts';

test('a value is text, and a piece of HTML is HTML', () => {
  expect(html`<p title="${'"><script>'}">${html`<b>${'a & b'}</b>`}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;script&gt;"><b>a &amp; b</b></p>',
  );
  expect(html`<ul>${[html`<li>1</li>`, html`<li>2</li>`]}</ul>${undefined}`.text).toBe('<ul><li>1</li><li>2</li></ul>');
});
