import { expect, test } from 'vitest';
import { checkContext } from './context.ts';

test('what a visitor tells is kept', () => {
  const context = {
    entry: 'script' as const,
    page: { url: 'https://shop.example/a?b=1#c', title: 'Tea', referrer: 'https://search.example/' },
    locale: 'zh-CN',
    timeZone: 'Asia/Shanghai',
    name: 'Ann',
    contact: 'ann@shop.example',
    fields: { order: '7', remark: 'two\nlines' },
  };
  expect(checkContext(context)).toEqual(context);
});

test('script and markup are text like any other', () => {
  const evil = '<script>alert(1)</script>';
  expect(checkContext({ name: evil, fields: { [evil]: evil } })).toEqual({ name: evil, fields: { [evil]: evil } });
});

test.each(['javascript:alert(1)', 'data:text/html,x', 'not an address', 'file:///etc/passwd', ''])(
  'a page at %j is none',
  (url) => {
    expect(checkContext({ page: { url, title: 'A trap' }, name: 'Ann' })).toEqual({ name: 'Ann' });
    expect(checkContext({ page: { url: 'https://shop.example/', referrer: url } })).toEqual({
      page: { url: 'https://shop.example/' },
    });
  },
);

test('a password in an address goes no further', () => {
  expect(checkContext({ page: { url: 'https://ann:secret@shop.example/' } }).page?.url).toBe('https://shop.example/');
});

test('what is empty or of the wrong form is left out', () => {
  expect(
    checkContext({ name: ' \0 ', contact: '', locale: '<b>', timeZone: '"; drop', fields: { ' ': 'x', y: ' ' } }),
  ).toEqual({});
});

test('names of fields that objects have by themselves do no harm', () => {
  const context = checkContext({ fields: JSON.parse('{"__proto__":"x","constructor":"y"}') });
  expect(Object.entries(context.fields ?? {})).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});
