const MAX_WIDTH = 260;
const MAX_HEIGHT = 320;
const MIN_SIDE = 48;

/** CSS pixels in which a picture is drawn: whole, never enlarged beyond its own size, never too thin to be tapped. */
export function fitBox(width = MAX_WIDTH, height = 180): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, MAX_WIDTH / width, MAX_HEIGHT / height);
  const side = (length: number) => Math.max(MIN_SIDE, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}
