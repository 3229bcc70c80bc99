/**
 * What a message says. A `kind` that a client does not know is drawn as one line of its own ("cannot be shown here"),
 * never as an error: newer kinds reach older clients.
 */
import { type Static, Type } from '@sinclair/typebox';
import { FileSchema } from './files.ts';
import { FileIdSchema, SeqSchema } from './schema.ts';

/**
 * Plain text, never markup. 1 to TEXT_MAX_LENGTH characters, at least one of them not white space. The length is checked by
 * the domain, not here, so that the error is `text-too-long` or `text-empty`.
 */
const Text = Type.Object({ kind: Type.Literal('text'), text: Type.String() });
/** As sent: the file by its id. It must be of the same tenant and uploaded by the sender. */
const SentImage = Type.Object({ kind: Type.Literal('image'), fileId: FileIdSchema });
const SentFile = Type.Object({ kind: Type.Literal('file'), fileId: FileIdSchema });
/** As stored and received: with all that is needed to draw it before it is loaded. */
const Image = Type.Object({ kind: Type.Literal('image'), file: FileSchema });
const File = Type.Object({ kind: Type.Literal('file'), file: FileSchema });

/**
 * Takes the message at `seq` back: the sender's own, within `limits.recallSeconds` of the welcome. It is a message itself, with a
 * number of its own, so that it comes to every device on the way of all messages; it is no line on the screen.
 */
const Recall = Type.Object({ kind: Type.Literal('recall'), seq: SeqSchema });
/** An agent takes away any message of the conversation, at any time. Otherwise as a recall. */
const Delete = Type.Object({ kind: Type.Literal('delete'), seq: SeqSchema });
/** What stands in the place of a message that was taken back or away. What it said is nowhere any more. */
const Recalled = Type.Object({ kind: Type.Literal('recalled') });
const Deleted = Type.Object({ kind: Type.Literal('deleted') });
/** To a visitor only: they cleared it (message.clear). It keeps its number and is no line on the screen. */
const Cleared = Type.Object({ kind: Type.Literal('cleared') });

export const SentContentSchema = Type.Union([Text, SentImage, SentFile, Recall, Delete]);
export const ContentSchema = Type.Union([Text, Image, File, Recall, Delete, Recalled, Deleted, Cleared]);
/** Content as a client sends it. */
export type SentContent = Static<typeof SentContentSchema>;
/** Content as everybody receives it. */
export type Content = Static<typeof ContentSchema>;

/** A message that takes another one away, and is none itself. */
export type Removal = Static<typeof Recall> | Static<typeof Delete>;
