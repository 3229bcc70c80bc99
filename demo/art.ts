/** The pictures of the shop's goods, drawn here so that the demo needs no file and no licence. */
const frame = (ground: string, shapes: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240"><rect width="320" height="240" fill="${ground}"/>${shapes}</svg>`;

const shade = '<ellipse cx="160" cy="196" rx="84" ry="10" fill="#000" opacity=".08"/>';

export const art: Readonly<Record<string, string>> = {
  cup: frame(
    '#e9e4da',
    `${shade}<path d="M104 92h112l-12 78a22 22 0 0 1-22 20h-44a22 22 0 0 1-22-20z" fill="#8d9a8b"/><path d="M104 92h112l-4 26c-22 16-34-6-54 6s-36 8-50-2z" fill="#b9c3b2"/><ellipse cx="160" cy="92" rx="56" ry="13" fill="#6f7d70"/><ellipse cx="160" cy="94" rx="48" ry="9" fill="#b0813f"/>`,
  ),
  leaf: frame(
    '#dfe8dc',
    `${shade}<g fill="#5f8a4e"><path d="M158 190c-10-54 6-98 42-130 12 50 0 96-42 130z"/><path d="M156 190c-44-22-66-58-66-106 42 18 66 54 66 106z" fill="#7ba565"/></g><path d="M158 190c2-40 14-78 34-108M156 190c-8-34-26-62-52-86" stroke="#3f6434" stroke-width="3" fill="none" stroke-linecap="round"/>`,
  ),
  pot: frame(
    '#f0e2d8',
    `${shade}<rect x="212" y="112" width="66" height="17" rx="8" fill="#8c4a34" transform="rotate(-16 212 120)"/><path d="M84 116l-26-18 6-8 38 14z" fill="#8c4a34"/><path d="M90 124c0-32 32-48 68-48s68 16 68 48c0 40-24 66-68 66s-68-26-68-66z" fill="#a65a40"/><path d="M116 84c10-14 74-14 84 0z" fill="#8c4a34"/><circle cx="158" cy="66" r="9" fill="#8c4a34"/><path d="M110 124c4-18 16-28 32-32" stroke="#c98a70" stroke-width="6" fill="none" stroke-linecap="round"/>`,
  ),
  tin: frame(
    '#e4e2ea',
    `${shade}<rect x="110" y="70" width="100" height="122" rx="12" fill="#5b2f2a"/><rect x="110" y="70" width="100" height="34" rx="12" fill="#74403a"/><rect x="110" y="96" width="100" height="8" fill="#42201c"/><g stroke="#8d5a52" stroke-width="3" opacity=".7"><path d="M118 124h56M132 142h70M118 164h40M170 176h34"/></g>`,
  ),
};
