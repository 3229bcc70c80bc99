import { describe, expect, test } from 'vitest';
import { cleanFileName, FILE_MEDIA_TYPES, shortened, sniffFile } from './file-kinds.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const pdf = Buffer.from('%PDF-1.7\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n', 'latin1');
const bytes = (text: string, rest = 64) => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(rest, 1)]);
/** A zip with one stored entry. */
function zip(entry: string, content = ''): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt32LE(content.length, 18);
  header.writeUInt32LE(content.length, 22);
  header.writeUInt16LE(entry.length, 26);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  return Buffer.concat([header, Buffer.from(entry + content), end]);
}
const office = (part: string) =>
  zip(
    '[Content_Types].xml',
    `<Types><Override ContentType="application/vnd.openxmlformats-officedocument.${part}.main+xml"/></Types>`,
  );

describe('accepted, by what they are', () => {
  test.each([
    ['photo.png', png, 'image/png'],
    ['photo.jpg', bytes('\xff\xd8\xff\xe0\0\x10JFIF\0'), 'image/jpeg'],
    ['dance.gif', bytes('GIF89a'), 'image/gif'],
    ['photo.webp', bytes('RIFF\x24\0\0\0WEBPVP8 '), 'image/webp'],
    ['offer.pdf', pdf, 'application/pdf'],
    ['all.zip', zip('a.txt'), 'application/zip'],
    ['film.mp4', bytes('\0\0\0\x18ftypisom'), 'video/mp4'],
    ['voice.m4a', bytes('\0\0\0\x18ftypM4A '), 'audio/mp4'],
    ['song.mp3', bytes('ID3\x03\0\0\0\0\0\0\xff\xfb'), 'audio/mpeg'],
    ['sound.wav', bytes('RIFF\x24\0\0\0WAVEfmt '), 'audio/wav'],
    ['notes.txt', Buffer.from('你好\n'), 'text/plain'],
    ['list.csv', Buffer.from('a,b\n1,2\n'), 'text/plain'],
    ['read.md', Buffer.from('# Title\n'), 'text/plain'],
  ])('%s', async (name, head, mediaType) => {
    expect(await sniffFile(head, name)).toMatchObject({ name, mediaType });
    expect(FILE_MEDIA_TYPES).toContain(mediaType);
  });

  test.each([
    ['wordprocessingml.document', 'docx'],
    ['spreadsheetml.sheet', 'xlsx'],
    ['presentationml.presentation', 'pptx'],
  ])('an office file: %s', async (part, ending) => {
    const mediaType = `application/vnd.openxmlformats-officedocument.${part}`;
    expect(await sniffFile(office(part), `a.${ending}`)).toMatchObject({ mediaType, name: `a.${ending}` });
  });
});

describe('refused, whatever the name says', () => {
  const html = Buffer.from('<!doctype html><script>alert(1)</script>');
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
  const exe = bytes('MZ\x90\0\x03\0\0\0');
  test.each([
    ['page.html', html],
    ['page.txt', html],
    ['page.txt', Buffer.from('\ufeff  <HTML>')],
    ['picture.svg', svg],
    ['picture.png', svg],
    ['picture.txt', svg],
    ['code.js', Buffer.from('alert(1)')],
    ['run.sh', Buffer.from('#!/bin/sh\n')],
    ['run.bat', Buffer.from('del *')],
    ['setup.exe', exe],
    ['photo.png', exe],
    ['tool', bytes('\x7fELF\x02\x01\x01')],
    ['app.jar', zip('META-INF/MANIFEST.MF')],
    ['noname', Buffer.from('text without an ending')],
  ])('%s', async (name, head) => {
    expect(await sniffFile(head, name)).toBeUndefined();
  });
});

test('a name gets the ending of what the file is', async () => {
  expect(await sniffFile(png, 'offer.hta')).toMatchObject({ name: 'offer.hta.png', mediaType: 'image/png' });
  expect(await sniffFile(pdf, 'offer.pdf.exe')).toMatchObject({ name: 'offer.pdf.exe.pdf' });
  expect(await sniffFile(png, 'PHOTO.PNG')).toMatchObject({ name: 'PHOTO.PNG' });
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\ann\\a.png', 'a.png'],
  ['.htaccess', 'htaccess'],
  ['a"b<c>.png', 'a_b_c_.png'],
  ['gnp\u202e.exe\n', 'gnp.exe'],
  ['', 'file'],
  ['...', 'file'],
])('the name %j becomes %j', (name, clean) => {
  expect(cleanFileName(name)).toBe(clean);
});

test('a long name is cut and keeps its ending', () => {
  expect(shortened(`${'字'.repeat(300)}.docx`, 20)).toBe(`${'字'.repeat(15)}.docx`);
  expect(cleanFileName(`${'a'.repeat(400)}.png`)).toHaveLength(255);
});
