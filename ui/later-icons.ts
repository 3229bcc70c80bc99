import type { IconShape } from './icons.ts';

/**
 * Shapes as in icons.ts (Lucide, ISC License, Copyright (c) Lucide Contributors) that the widget's first chunk does not draw: a
 * module belongs to one chunk as a whole, and what one of them draws would be loaded with what all of them draw.
 */
export const bell: IconShape =
  'M10.268 21a2 2 0 0 0 3.464 0M3.262 15.326A1 1 0 0 0 4 17h16a1 1 0 0 0 .74-1.673C19.41 13.956 18 12.499 18 8A6 6 0 0 0 6 8c0 4.499-1.411 5.956-2.738 7.326';
export const trash: IconShape =
  'M3 6h18M19 6v14a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V6M8 6V4a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v2M10 11v6M14 11v6';
export const undo: IconShape = 'M9 14L4 9l5-5M4 9h10.5a5.5 5.5 0 0 1 0 11H11';
