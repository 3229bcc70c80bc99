import type { DownEvent, ErrorFrame, Ok } from '../../protocol/down.ts';
import { bodyOf, type InlayError } from '../../protocol/errors.ts';

/** A frame as it goes out, made once however many sockets get it. */
export class EncodedFrame {
  /** Bytes. */
  readonly length: number;
  #bytes: Buffer | undefined;

  /** `text`: JSON. */
  constructor(readonly text: string) {
    this.length = Buffer.byteLength(text);
  }

  /** Always the same one: a wire knows again what it has framed. */
  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(this.text);
    return this.#bytes;
  }
}

export function encodeFrame(frame: Ok | ErrorFrame | DownEvent): EncodedFrame {
  return new EncodedFrame(JSON.stringify(frame));
}

export function encodeError(error: InlayError, ref?: number): EncodedFrame {
  const body = bodyOf(error);
  return encodeFrame(ref === undefined ? { type: 'error', error: body } : { type: 'error', ref, error: body });
}
