/**
 * Shapes from Lucide (https://lucide.dev, ISC License, Copyright (c) Lucide Contributors), each as one path of a 24 x 24 box.
 * One export an icon, so that a page carries those it draws and no more.
 */
export type IconShape = string & { readonly icon?: never };

export const arrowDown: IconShape = 'M12 5v14M19 12l-7 7-7-7';
export const arrowUp: IconShape = 'M5 12l7-7 7 7M12 19V5';
export const check: IconShape = 'M20 6L9 17l-5-5';
export const checkCheck: IconShape = 'M18 6L7 17l-5-5M22 10l-7.5 7.5L13 16';
export const chevronLeft: IconShape = 'M15 18l-6-6 6-6';
export const clock: IconShape = 'M12 2a10 10 0 1 1 0 20 10 10 0 1 1 0-20M12 6v6l4 2';
export const cross: IconShape = 'M18 6L6 18M6 6l12 12';
export const ellipsis: IconShape =
  'M12 11a1 1 0 1 1 0 2 1 1 0 1 1 0-2M19 11a1 1 0 1 1 0 2 1 1 0 1 1 0-2M5 11a1 1 0 1 1 0 2 1 1 0 1 1 0-2';
export const file: IconShape =
  'M6 22a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h8a2.4 2.4 0 0 1 1.704.706l3.588 3.588A2.4 2.4 0 0 1 20 8v12a2 2 0 0 1-2 2zM14 2v5a1 1 0 0 0 1 1h5';
export const paperclip: IconShape =
  'M16 6l-8.414 8.586a2 2 0 0 0 2.829 2.829l8.414-8.586a4 4 0 1 0-5.657-5.657l-8.379 8.551a6 6 0 1 0 8.485 8.485l8.379-8.551';
export const smile: IconShape = 'M12 2a10 10 0 1 1 0 20 10 10 0 1 1 0-20M8 14s1.5 2 4 2 4-2 4-2M9 9h.01M15 9h.01';
export const warning: IconShape = 'M12 2a10 10 0 1 1 0 20 10 10 0 1 1 0-20M12 8v4M12 16h.01';
