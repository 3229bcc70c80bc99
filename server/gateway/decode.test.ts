import { expect, test } from 'vitest';
import { PROTOCOL_MAJOR } from '../../protocol/version.ts';
import { decode } from './decode.ts';

const send = {
  type: 'message.send',
  ref: 7,
  conversationId: 'c1',
  clientMessageId: 'abcdefgh',
  content: { kind: 'text', text: 'Hello' },
};

function codes(text: string): unknown[] {
  return decode(text).map((decoded) =>
    decoded.kind === 'frame' ? decoded.frame.type : [decoded.error.code, decoded.ref],
  );
}

test('one frame and several frames are read alike', () => {
  expect(decode(JSON.stringify(send))).toEqual([{ kind: 'frame', frame: send }]);
  expect(codes(JSON.stringify([send, { type: 'ping', ref: 8 }]))).toEqual(['message.send', 'ping']);
});

test('what is not a frame is malformed', () => {
  for (const text of ['', '{', 'null', '"text"', '7', '[]', '[[]]'])
    expect([text, codes(text)]).toEqual([text, [['frame-malformed', undefined]]]);
  const many = JSON.stringify(Array(65).fill({ type: 'ping', ref: 1 }));
  expect(codes(many)).toEqual([['frame-malformed', undefined]]);
});

test('an unknown type is told with its ref, whatever the name', () => {
  for (const type of ['message.burn', '__proto__', 'constructor', 'toString', ''])
    expect(codes(JSON.stringify({ type, ref: 3 }))).toEqual([['frame-unknown', 3]]);
  expect(codes('{"ref":3}')).toEqual([['frame-unknown', 3]]);
});

test('a wrong field is named, its value is not repeated, and the ref comes back', () => {
  const [decoded] = decode(JSON.stringify({ ...send, clientMessageId: 'a b' }));
  expect(decoded).toMatchObject({ kind: 'bad', ref: 7, error: { code: 'frame-invalid' } });
  expect(decoded?.kind === 'bad' && decoded.error.message).toContain('/clientMessageId');
  expect(decoded?.kind === 'bad' && decoded.error.message).not.toContain('a b');
  expect(codes(JSON.stringify({ ...send, ref: 'x' }))).toEqual([['frame-invalid', undefined]]);
});

test('a bad frame of a batch does not spoil the others', () => {
  expect(codes(JSON.stringify([{ type: 'nothing', ref: 1 }, send]))).toEqual([['frame-unknown', 1], 'message.send']);
});

test('fields that nobody declared are taken out', () => {
  const context = { name: 'Ann', secret: 'x', fields: { order: '1' }, page: { url: 'https://a.example', huge: 'y' } };
  const [decoded] = decode(JSON.stringify({ type: 'context.update', ref: 1, context, extra: true }));
  expect(decoded).toEqual({
    kind: 'frame',
    frame: {
      type: 'context.update',
      ref: 1,
      context: { name: 'Ann', fields: { order: '1' }, page: { url: 'https://a.example' } },
    },
  });
});

test('… also inside of unions and lists', () => {
  const auth = { kind: 'visitor', token: 't', admin: true };
  const protocol = { major: PROTOCOL_MAJOR, minor: 0, patch: 1 };
  const [hello] = decode(JSON.stringify({ type: 'hello', ref: 1, protocol, auth }));
  expect(hello).toMatchObject({ frame: { protocol: { major: PROTOCOL_MAJOR, minor: 0 } } });
  expect(hello?.kind === 'frame' && hello.frame).toEqual({
    type: 'hello',
    ref: 1,
    protocol: { major: PROTOCOL_MAJOR, minor: 0 },
    auth: { kind: 'visitor', token: 't' },
  });
  const held = [{ conversationId: 'c'.repeat(22), seq: 1, revision: 9 }];
  const [changes] = decode(JSON.stringify({ type: 'conversation.changes', ref: 1, after: 0, held }));
  expect(changes?.kind === 'frame' && changes.frame).toEqual({
    type: 'conversation.changes',
    ref: 1,
    after: 0,
    held: [{ conversationId: 'c'.repeat(22), seq: 1 }],
  });
  const [forged] = decode('{"type":"ping","ref":1,"__proto__":{"polluted":true}}');
  expect(forged?.kind === 'frame' && Object.keys(forged.frame)).toEqual(['type', 'ref']);
});

test('a hello of another major version is told so, whatever else stands in it', () => {
  const [decoded] = decode('{"type":"hello","ref":1,"protocol":{"major":9},"auth":7}');
  expect(decoded).toMatchObject({ kind: 'bad', ref: 1, error: { code: 'protocol-unsupported' } });
});
