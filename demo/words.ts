/** The shop's words, in the language that the browser asks for first. */
export interface Words {
  readonly lang: 'en' | 'zh-CN';
  readonly brand: string;
  readonly nav: readonly (readonly [path: string, text: string])[];
  readonly title: string;
  readonly lead: string;
  readonly buy: string;
  readonly note: string;
  readonly products: readonly {
    readonly art: string;
    readonly name: string;
    readonly text: string;
    readonly price: string;
  }[];
  readonly facts: readonly (readonly [string, string])[];
}

const en: Words = {
  lang: 'en',
  brand: 'Kiln & Leaf',
  nav: [
    ['/', 'Shop'],
    ['/form', 'Order form'],
    ['/entry', 'Own buttons'],
    ['/identify', 'Signed in'],
    ['/push', 'Push'],
    ['/mini-program', 'Mini-program'],
  ],
  title: 'Tea from one hillside, cups from one kiln.',
  lead: 'Spring picking has begun. Every order leaves within a day, wrapped in paper and nothing else.',
  buy: 'Add to basket',
  note: 'A demonstration site: nothing here can be bought. The button in the corner is the one line of Inlay at work.',
  products: [
    { art: 'cup', name: 'Ash-glazed cup', text: '180 ml, thrown and signed by Mei Ouyang', price: '€ 24' },
    { art: 'leaf', name: 'Longjing, first picking', text: '50 g, pan-fired on 2 April', price: '€ 19' },
    { art: 'pot', name: 'Side-handled teapot', text: '320 ml, red clay, pours without a drop', price: '€ 68' },
    { art: 'tin', name: 'Caddy for 100 g', text: 'Cherry bark, airtight, gets better with the years', price: '€ 41' },
  ],
  facts: [
    ['Delivery', 'Two days in Europe, free from € 60'],
    ['Returns', '30 days, also after the first brew'],
    ['Questions', 'Mei or Jonas answer, usually at once'],
  ],
};

const zh: Words = {
  lang: 'zh-CN',
  brand: '窑与叶',
  nav: [
    ['/', '商店'],
    ['/form', '订单表单'],
    ['/entry', '自有按钮'],
    ['/identify', '已登录'],
    ['/push', '推送'],
    ['/mini-program', '小程序'],
  ],
  title: '一座山的茶，一口窑的杯。',
  lead: '春茶已经开采。每个订单一天内寄出，只用纸包装。',
  buy: '加入购物车',
  note: '这是演示网站，不出售任何商品。右下角的按钮来自 Inlay 的一行代码。',
  products: [
    { art: 'cup', name: '灰釉品茗杯', text: '180 毫升，欧阳梅手作并落款', price: '¥ 168' },
    { art: 'leaf', name: '明前龙井', text: '50 克，4 月 2 日手工炒制', price: '¥ 138' },
    { art: 'pot', name: '侧把壶', text: '320 毫升，红泥，断水利落', price: '¥ 480' },
    { art: 'tin', name: '百克茶罐', text: '樱皮包身，密封，越用越润', price: '¥ 298' },
  ],
  facts: [
    ['配送', '江浙沪次日达，满 399 元包邮'],
    ['退换', '30 天内可退，泡过也行'],
    ['咨询', '小梅和小乔在线，通常马上回复'],
  ],
};

/** `zh` when it stands before any other language that we have. */
export const wordsFor = (acceptLanguage: string | undefined): Words => (/^\s*zh/i.test(acceptLanguage ?? '') ? zh : en);
