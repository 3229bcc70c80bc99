/**
 * The launcher, its badge, and the one bubble beside it (greeting, newest message, retry card). All of it is made by
 * createElement and styled by a constructed sheet: no markup, no style element or attribute, so that the strictest policy of
 * a host (style-src, Trusted Types) lets it stand.
 */
import { data, origin, tenant, tenantId } from './settings.ts';
import { styleFor } from './style.ts';
import { wordsIn } from './words.ts';

type Attributes = Readonly<Record<string, unknown>>;

const DEFAULT_ACCENT = '#3B5BFD';

/** What the launcher shows. `wanted`: somebody opened the panel, which may still be on its way. */
export const state = { unread: 0, wanted: false, shown: false };

export const locale = (): string => data.locale ?? navigator.language;
export const words = () => wordsIn(locale());

export const set = (node: Element, attributes: Attributes): void => {
  for (const name in attributes) node.setAttribute(name, `${attributes[name]}`);
};

export const make = (tag: string, attributes: Attributes, ...children: (Node | string)[]): HTMLElement => {
  const node = document.createElement(tag);
  set(node, attributes);
  node.append(...children);
  return node;
};

export const root = make('inlay-root', {});
export const shadow = root.attachShadow({ mode: 'open' });
/** What carries this opens the chat when pressed, and lets it be loaded when pointed at (loader.ts): ours, and the host's own elements. */
export const TRIGGER = 'data-inlay-open';
export const launcher = make('button', { 'class': 'l', 'aria-haspopup': 'dialog', [TRIGGER]: '' });
launcher.hidden = 'hide' in data;
shadow.append(launcher);

/** Called after a change of any of what it shows. */
export const draw = (): void => {
  const { unread, wanted, shown } = state;
  const badge = unread > 99 ? '99+' : unread || '';
  set(launcher, {
    'aria-expanded': shown,
    'aria-busy': wanted && !shown,
    'aria-label': `${words()[0]} ${badge}`,
    'data-n': shown ? '' : badge,
  });
};

export const paint = (accent = data.color ?? tenant.accent ?? DEFAULT_ACCENT): void => {
  const css = styleFor(accent, data.position ?? 'right');
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    // Firefox before 101, Safari before 16.4: a style element, which only a strict style-src of the host refuses.
    shadow.append(make('style', {}, css));
  }
};

let bubble: HTMLElement | undefined;

export const hush = (): void => bubble?.remove();

/** One bubble beside the launcher, in place of the last. */
export const say = (...content: Node[]): void => {
  const cross = make('button', { 'aria-label': words()[1] }, '×');
  cross.onclick = hush;
  hush();
  bubble = make('div', { class: 's', role: 'status' }, cross, ...content);
  shadow.append(bubble);
};

const opens = (text: string): Node => make('button', { [TRIGGER]: '' }, text);

/** The chat cannot be shown here: again, or as a page of its own. */
export const sayUnreachable = (): void => {
  const [, , again, page] = words();
  say(opens(again), make('a', { href: `${origin}/im/${tenantId}`, target: '_blank' }, page));
};

/** Not over a panel that is open or about to be, and not where the host hid the launcher: it shows such things itself. */
export const sayMessage = (text?: string): void => {
  if (text && !state.wanted && !launcher.hidden) say(opens(text));
};

/** Only where nothing was said yet. */
export const greet = (): void => {
  if (!bubble) sayMessage(data.greeting ?? tenant.greeting?.[words()[4]]);
};
