/**
 * What a message says. A `kind` that a client does not know is drawn as one line of its own ("cannot be shown here"),
 * never as an error: newer kinds reach older clients.
 */
import { type Static, Type } from '@sinclair/typebox';
import { FileSchema } from './files.ts';
import { FileIdSchema } from './schema.ts';

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

export const SentContentSchema = Type.Union([Text, SentImage, SentFile]);
export const ContentSchema = Type.Union([Text, Image, File]);
/** Content as a client sends it. */
export type SentContent = Static<typeof SentContentSchema>;
/** Content as everybody receives it. */
export type Content = Static<typeof ContentSchema>;
