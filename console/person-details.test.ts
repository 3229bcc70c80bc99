import { expect, test } from 'vitest';
import { words } from './locale/en.ts';
import { formDetails, personDetails, safeAddress } from './person-details.ts';

const context = { words, locale: 'en', now: Date.UTC(2026, 5, 1, 12) };
const detail = (visitor: Parameters<typeof personDetails>[0], key: string) =>
  personDetails(visitor, context).find((one) => one.key === key);

test('only http and https are addresses to click on', () => {
  expect(safeAddress('https://shop.example/a')).toBe('https://shop.example/a');
  for (const address of ['javascript:alert(1)', 'data:text/html,x', 'nonsense', 'https://bank.example@evil.example/'])
    expect(safeAddress(address)).toBeUndefined();
  expect(detail({ page: { url: 'javascript:alert(1)', title: 'Shop' } }, 'page')).toEqual({
    key: 'page',
    label: 'Page',
    text: 'Shop',
    note: 'javascript:alert(1)',
  });
});

test('a page is called by its title, with the address below, in letters and not in percent signs', () => {
  expect(detail({ page: { url: 'https://shop.example/%E4%B9%A6?q=1', title: ' Books ' } }, 'page')).toMatchObject({
    text: 'Books',
    note: 'shop.example/书?q=1',
  });
  expect(detail({ page: { url: 'https://shop.example/' } }, 'page')).toMatchObject({ text: 'shop.example' });
});

test('a language has a name, and nonsense stays what was said', () => {
  expect(detail({ locale: 'zh-CN' }, 'language')?.text).toBe('Chinese (China)');
  expect(detail({ locale: '<b>' }, 'language')?.text).toBe('<b>');
});

test('the time there is shown where it differs, and an unknown zone is only shown', () => {
  const zone = new Date(context.now).getTimezoneOffset() === -480 ? 'America/New_York' : 'Asia/Shanghai';
  expect(detail({ timeZone: zone }, 'time-zone')?.note).toMatch(/^\d\d:\d\d there$/);
  expect(detail({ timeZone: 'Moon/Tycho' }, 'time-zone')).toEqual({
    key: 'time-zone',
    label: 'Time zone',
    text: 'Moon/Tycho',
  });
});

test('nothing known makes no rows; form fields keep their order', () => {
  expect(personDetails(undefined, context)).toEqual([]);
  expect(personDetails({}, context)).toEqual([]);
  expect(formDetails({ fields: { order: '7', colour: 'blue' } }).map((one) => [one.label, one.text])).toEqual([
    ['order', '7'],
    ['colour', 'blue'],
  ]);
});
