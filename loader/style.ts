/**
 * The look of the launcher, the bubble beside it and the panel. It lives in the shadow root; `!important` in `:host` keeps the
 * page's own rules (`* { … }`, `body > * { … }`) off. The root is fixed, so it takes no place in a body that is a grid or a
 * flex box. Canvas and CanvasText follow the visitor's light or dark scheme by themselves. The icons are shapes cut out of a plain box: no markup, no picture.
 *
 * Written without the spaces that a style sheet has: it is a string of the bundle, and no tool minifies it there.
 */

/** Where the chat is full screen: phones, also lying, and a desktop at 400 % zoom. */
export const NARROW = '(max-width:480px),(max-height:400px)';

/**
 * White, or black where white would not be seen on `#rrggbb`, by red and green alone: blue gives 7 % of the luminance. The
 * contrast is at least 3.1:1, where an icon needs 3:1 (WCAG 2.2). A colour of another form gets white.
 */
export const inkOn = (colour: string): string => {
  const rgb = Number(colour.replace('#', '0x'));
  return 2 * (rgb >> 16) ** 2 + 7 * ((rgb >> 8) & 255) ** 2 > 130_000 ? '#000' : '#fff';
};

export const styleFor = (accent: string, side: string): string =>
  `:host{all:initial!important;position:fixed!important;z-index:999999999!important}*{color-scheme:light dark;font:15px/1.5 system-ui}button{all:unset;outline:revert;cursor:pointer}.l,.s,.p{position:fixed;bottom:20px;${side}:20px;border-radius:28px;box-shadow:0 4px 16px #0003}.l{padding:14px;background:${accent};color:${inkOn(accent)};forced-color-adjust:none}.l[hidden]{display:none}.l:hover,[aria-busy=true]{opacity:.7}.l:before{content:"";display:block;width:28px;height:28px;background:currentColor;clip-path:path("M14 3a11 10 0 1 1-5 19l-6 3 2-6a11 10 0 0 1 9-16z")}[aria-expanded=true]:before{clip-path:path("M5 11l2-2 7 7 7-7 2 2-9 9z")}.l:not([data-n=""]):after{content:attr(data-n);position:absolute;top:-4px;right:-4px;padding:0 6px;border-radius:28px;background:#c00;color:#fff;font-size:12px}.s,.p{bottom:84px;border-radius:16px;background:Canvas;color:CanvasText}.s{max-width:320px}.s *{display:block;padding:14px;overflow-wrap:anywhere}.s :first-child{float:right}.p{border:0;width:400px;height:min(704px,100% - 104px)}@media ${NARROW}{.p{inset:0;width:100%;height:100%;border-radius:0}}`;
