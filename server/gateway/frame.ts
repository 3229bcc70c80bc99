import type { DownEvent, ErrorFrame, Ok } from '../../protocol/down.ts';
import type { InlayError } from '../../protocol/errors.ts';

/** A frame as it goes out: UTF-8 JSON, made once however many sockets get it. */
export type EncodedFrame = Buffer;

export function encodeFrame(frame: Ok | ErrorFrame | DownEvent): EncodedFrame {
  return Buffer.from(JSON.stringify(frame));
}

export function encodeError(error: InlayError, ref?: number): EncodedFrame {
  const body = error.toBody();
  return encodeFrame(ref === undefined ? { type: 'error', error: body } : { type: 'error', ref, error: body });
}
