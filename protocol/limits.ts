/**
 * Limits that both sides know. The server enforces each; a client checks them first to say so sooner.
 * What an operator may set (rates, file sizes) comes in the `welcome` instead, see hello.ts.
 */
/** Characters (UTF-16 units) of one text message. More: `text-too-long`. */
export const TEXT_MAX_LENGTH = 10_000;
/**
 * Bytes of one websocket message, either way. More: `frame-too-large`, close 4505. It is far above any honest message, so that a
 * text of 100,000 Chinese characters is told `text-too-long` and keeps its connection.
 */
export const FRAME_MAX_BYTES = 384 * 1024;
/** Frames in one websocket message. */
export const BATCH_MAX_FRAMES = 64;
export const NAME_MAX_LENGTH = 60;
export const URL_MAX_LENGTH = 2_048;
export const TITLE_MAX_LENGTH = 300;
export const CONTACT_MAX_LENGTH = 200;
export const FILE_NAME_MAX_LENGTH = 255;
/** Form fields that travel along with a visitor. */
export const FIELDS_MAX_COUNT = 20;
export const FIELD_NAME_MAX_LENGTH = 64;
export const FIELD_VALUE_MAX_LENGTH = 500;
/** Messages or conversations in one page of a list. */
export const PAGE_MAX_COUNT = 100;
/** Bytes that a page of messages takes on the wire, about. One message is always in it. */
export const PAGE_MAX_BYTES = 192 * 1024;
/** Positions in one `conversation.changes`. */
export const HELD_MAX_COUNT = 200;
/** Revisions that one `conversation.changes` may ask for. */
export const UNHEARD_MAX_COUNT = 200;
/** Messages of one conversation in its answer; the rest is fetched by `message.list`. */
export const RESUME_MAX_COUNT = 100;
/** Messages of all conversations in its answer. */
export const RESUME_MAX_TOTAL = 500;
/** Bytes that these messages take on the wire, about. */
export const RESUME_MAX_BYTES = 192 * 1024;
/** Whoever lacks more messages than that is told to reload instead. */
export const RESUME_FAR_COUNT = 1_000;
/** A sign of typing is forgotten after this many milliseconds. */
export const TYPING_EXPIRES_MS = 6_000;
