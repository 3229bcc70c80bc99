import { expect, test } from 'vitest';
import { boundFacts, boundPage, readPageEntry } from './entry.ts';

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0 Safari/537.36';

test('a link brings name, contact and the fields of a form', () => {
  const entry = readPageEntry(
    '?tenantId=demo&name=Mia&contact=a%40b.c&field_order=7&field_city=%E4%B8%8A%E6%B5%B7',
    chrome,
    {},
  );
  expect(entry).toEqual({
    entry: 'link',
    visitor: { name: 'Mia', contact: 'a@b.c', fields: { order: '7', city: '上海' } },
    locale: undefined,
  });
});

test('a bare link brings nothing, and says so by absence', () => {
  expect(readPageEntry('', chrome, {})).toEqual({ entry: 'link', visitor: {}, locale: undefined });
  expect(readPageEntry('?name=%20&field_=x&field_a=', chrome, {}).visitor).toEqual({});
});

test.each([
  ['WeChat', 'Mozilla/5.0 MicroMessenger/8.0.50 miniProgram/wx123'],
  ['Alipay', 'Mozilla/5.0 AliApp(AP/10.5) MiniProgram APXWebView'],
  ['Douyin', 'Mozilla/5.0 ToutiaoMicroApp/3.0'],
])('the web-view of a mini-program of %s is known by its user agent', (_, userAgent) => {
  expect(readPageEntry('', userAgent, {}).entry).toBe('mini-program');
});

test('WeChat on older devices says it by a global name; its own browser is none', () => {
  const weChat = 'Mozilla/5.0 MicroMessenger/8.0.50';
  expect(readPageEntry('', weChat, { __wxjs_environment: 'miniprogram' }).entry).toBe('mini-program');
  expect(readPageEntry('', weChat, {}).entry).toBe('link');
});

test('what is too long or too much is cut to what the protocol takes', () => {
  const fields = Object.fromEntries(
    Array.from({ length: 50 }, (_, at) => [`f${at}`.padEnd(100, 'x'), 'v'.repeat(1_000)]),
  );
  const facts = boundFacts({ name: 'n'.repeat(100), contact: 'c'.repeat(300), fields });
  expect(facts.name).toHaveLength(60);
  expect(facts.contact).toHaveLength(200);
  expect(Object.keys(facts.fields ?? {})).toHaveLength(20);
  expect(Object.entries(facts.fields ?? {})[0]?.map((text) => text.length)).toEqual([64, 500]);
});

test('an emoji at the edge is not cut in two', () => {
  expect(boundFacts({ name: `${'n'.repeat(59)}😀` }).name).toBe('n'.repeat(59));
});

test('the page is told with what it has', () => {
  expect(boundPage({ url: 'https://shop.example/', title: '', referrer: '' })).toEqual({
    url: 'https://shop.example/',
  });
  expect(boundPage({ url: `https://shop.example/${'x'.repeat(3_000)}`, title: 't'.repeat(400) })).toMatchObject({
    url: expect.stringMatching(/^.{2048}$/),
    title: 't'.repeat(300),
  });
});
