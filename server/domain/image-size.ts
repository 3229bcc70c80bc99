/**
 * Width and height of a picture from its first bytes, as a browser will draw it: a photo that a phone took upright is stored
 * lying, with a note to turn it. Only for layout; a picture that lies about its size harms nobody but itself.
 */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

const SIDE_MAX = 100_000;

export function imageSize(mediaType: string, head: Uint8Array): ImageSize | undefined {
  const read = readers[mediaType];
  if (!read) return undefined;
  try {
    const { width, height } = read(Buffer.from(head.buffer, head.byteOffset, head.byteLength)) ?? {
      width: 0,
      height: 0,
    };
    return width >= 1 && height >= 1 && width <= SIDE_MAX && height <= SIDE_MAX ? { width, height } : undefined;
  } catch (error) {
    // Reading beyond the end: the picture is cut short or its header is longer than the head.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

type Read = (bytes: Buffer) => ImageSize | undefined;

const readers: Readonly<Record<string, Read>> = {
  'image/png': (bytes) => ({ width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }),
  'image/gif': (bytes) => ({ width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }),
  'image/webp': webpSize,
  'image/jpeg': jpegSize,
};

function webpSize(bytes: Buffer): ImageSize | undefined {
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

const EXIF = 0xe1;

/** Segment after segment up to the one that starts the frame. */
function jpegSize(bytes: Buffer): ImageSize | undefined {
  let isTurned = false;
  for (let at = 2; bytes.readUInt8(at) === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt8(at + 1);
    if (marker === EXIF) isTurned = isTurnedByExif(bytes.subarray(at + 4, at + 2 + bytes.readUInt16BE(at + 2)));
    if (!isStartOfFrame(marker)) continue;
    const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
    return isTurned ? { width: height, height: width } : { width, height };
  }
  return undefined;
}

/** C0 to CF, but for three that are tables. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

const ORIENTATION = 0x0112;

function isTurnedByExif(exif: Buffer): boolean {
  if (exif.toString('latin1', 0, 4) !== 'Exif') return false;
  const tiff = exif.subarray(6);
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  const two = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const four = (at: number) => (isLittle ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const first = four(4);
  for (let entry = 0; entry < two(first); entry++) {
    const at = first + 2 + entry * 12;
    // 5 to 8 lie on their side.
    if (two(at) === ORIENTATION) return two(at + 8) >= 5;
  }
  return false;
}
