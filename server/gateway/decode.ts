/**
 * From bytes of a stranger to known frames. Each frame of a message is judged alone, so that one bad frame of a batch does not
 * take the others with it; the answer to a bad one carries its `ref` wherever that can be read. Fields that the schema does not
 * name are taken out: what nobody declared must not reach the store.
 */
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import { InlayError } from '../../protocol/errors.ts';
import { BATCH_MAX_FRAMES } from '../../protocol/limits.ts';
import { type UpFrame, type UpType, up } from '../../protocol/up.ts';
import { PROTOCOL_MAJOR, PROTOCOL_MINOR } from '../../protocol/version.ts';
import { type Clean, cleanerOf } from './clean.ts';

export type Decoded =
  | { readonly kind: 'frame'; readonly frame: UpFrame }
  /** `unreadable`: it counts towards `too-many-bad-frames`; an unknown type does not, a newer client may know more of them. */
  | { readonly kind: 'bad'; readonly ref?: number; readonly error: InlayError; readonly unreadable: boolean };

type Check = TypeCheck<(typeof up)[UpType][0]>;
interface Known {
  readonly check: Check;
  readonly clean: Clean | undefined;
}
const known = new Map<string, Known>(
  Object.entries(up).map(([type, [frame]]) => [type, { check: TypeCompiler.Compile(frame), clean: cleanerOf(frame) }]),
);

const MESSAGE_PATH_LENGTH = 200;

export function decode(text: string): readonly Decoded[] {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    // Not JSON: the parser's own words would only repeat what the client sent.
    return [bad('frame-malformed', 'The message is not JSON.')];
  }
  if (!Array.isArray(message)) return [decodeOne(message)];
  if (message.length === 0 || message.length > BATCH_MAX_FRAMES)
    return [bad('frame-malformed', `A message has 1 to ${BATCH_MAX_FRAMES} frames, this one ${message.length}.`)];
  return message.map(decodeOne);
}

function decodeOne(value: unknown): Decoded {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return bad('frame-malformed', 'A frame is a JSON object.');
  const ref = readRef(value);
  const type = 'type' in value && typeof value.type === 'string' ? value.type : undefined;
  const of = type === undefined ? undefined : known.get(type);
  if (of === undefined) return { ...bad('frame-unknown', 'There is no request of this type.', ref), unreadable: false };
  if (type === 'hello' && isOtherMajor(value)) return bad('protocol-unsupported', otherMajor(value), ref);
  if (!of.check.Check(value)) return bad('frame-invalid', whatIsWrong(of.check, value), ref);
  of.clean?.(value);
  return { kind: 'frame', frame: value as UpFrame };
}

function bad(
  code: 'frame-malformed' | 'frame-unknown' | 'frame-invalid' | 'protocol-unsupported',
  message: string,
  ref?: number,
) {
  const decoded = { kind: 'bad', error: new InlayError(code, message), unreadable: true } as const;
  return ref === undefined ? decoded : { ...decoded, ref };
}

function readRef(value: object): number | undefined {
  return 'ref' in value && Number.isSafeInteger(value.ref) ? (value.ref as number) : undefined;
}

/** Names the field and the rule, never the value. */
function whatIsWrong(check: Check, value: unknown): string {
  const first = check.Errors(value).First();
  return first ? `${first.path.slice(0, MESSAGE_PATH_LENGTH) || '/'}: ${first.message}` : 'A field has the wrong form.';
}

/** Looked at before the rest of the hello, whose form may differ in another major version. */
function isOtherMajor(value: object): value is { protocol: { major: number } } {
  const protocol = 'protocol' in value ? value.protocol : undefined;
  if (typeof protocol !== 'object' || protocol === null || !('major' in protocol)) return false;
  return Number.isSafeInteger(protocol.major) && protocol.major !== PROTOCOL_MAJOR;
}

function otherMajor(value: { protocol: { major: number } }): string {
  return `The client speaks protocol ${value.protocol.major}, this server ${PROTOCOL_MAJOR}.${PROTOCOL_MINOR}.`;
}
