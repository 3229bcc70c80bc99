import { expect, test } from 'vitest';
import { fillPage, fillScript } from './template.ts';

const evil = { name: '</script><script>alert(1)</script>', dollar: "$& $' $1", line: '\u2028', amp: '&lt;' };

test('data in a page stays data', () => {
  const page = fillPage('<head><!--inlay-config--></head>', evil);
  const inner = /<script type="application\/json" id="inlay-config">(.*)<\/script><\/head>$/.exec(page)?.[1] ?? '';
  expect(inner).not.toMatch(/[<>\u2028]/);
  expect(JSON.parse(inner)).toEqual(evil);
});

test('data in the loader takes the place of its token, however the build quoted it', () => {
  for (const quote of ['"', "'", '`']) {
    const script = fillScript(`const served=${quote}__INLAY_CONFIG__${quote};`, evil);
    expect(new Function(`${script} return served;`)()).toEqual(evil);
  }
});
