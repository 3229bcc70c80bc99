import { describe, expect, test } from 'vitest';
import { imageSize } from './image-size.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

function jpeg(width: number, height: number, orientation?: number): Buffer {
  const frame = Buffer.from('ffc0 0011 08 0000 0000 03 012200 021101 031101'.replaceAll(' ', ''), 'hex');
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  const app0 = hex('ffe0 0010 4a46494600 0101 00 0001 0001 0000');
  const exif = orientation === undefined ? [] : [exifSegment(orientation)];
  return Buffer.concat([hex('ffd8'), app0, ...exif, frame]);
}

function exifSegment(orientation: number): Buffer {
  const tiff = Buffer.concat([hex('4d4d 002a 00000008 0001 0112 0003 00000001 0000 0000 00000000')]);
  tiff.writeUInt16BE(orientation, 18);
  const head = hex('ffe1 0000 457869660000');
  head.writeUInt16BE(2 + 6 + tiff.length, 2);
  return Buffer.concat([head, tiff]);
}

describe('width and height', () => {
  test.each([
    ['image/png', hex('89504e470d0a1a0a 0000000d 49484452 00000140 000000f0 08060000'), 320, 240],
    ['image/gif', hex('474946383961 4001 f000 f70000'), 320, 240],
    ['image/webp', hex('52494646 24000000 57454250 56503820 18000000 300100 9d012a 4001 f000'), 320, 240],
    ['image/webp', hex('52494646 24000000 57454250 5650384c 18000000 2f 3fc13b00 00'), 320, 240],
    ['image/webp', hex('52494646 24000000 57454250 56503858 0a000000 10000000 3f0100 ef0000'), 320, 240],
    ['image/jpeg', jpeg(320, 240), 320, 240],
    ['image/jpeg', jpeg(320, 240, 1), 320, 240],
  ])('%s', (mediaType, head, width, height) => {
    expect(imageSize(mediaType, head)).toEqual({ width, height });
  });

  test('of a photo that a phone took upright are those that it is drawn with', () => {
    expect(imageSize('image/jpeg', jpeg(320, 240, 6))).toEqual({ width: 240, height: 320 });
  });
});

test('there are none of what is no picture, cut short, or absurd', () => {
  expect(imageSize('application/pdf', hex('255044462d'))).toBeUndefined();
  for (const mediaType of ['image/png', 'image/gif', 'image/webp', 'image/jpeg'])
    for (const head of [Buffer.alloc(0), Buffer.alloc(5, 0xff), Buffer.alloc(64)])
      expect(imageSize(mediaType, head)).toBeUndefined();
  expect(imageSize('image/png', hex('89504e470d0a1a0a 0000000d 49484452 7fffffff 7fffffff'))).toBeUndefined();
  expect(imageSize('image/jpeg', jpeg(320, 240, 6).subarray(0, 40))).toBeUndefined();
});
