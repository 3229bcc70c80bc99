/**
 * The protocol's version. A client and a server of different majors refuse each other (`protocol-unsupported`); within a
 * major, either side ignores fields and frame types that it does not know, and a minor only adds.
 *
 * History, newest first; version.test.ts fails when a schema changes and no line is added.
 * - 1.1: conversation.changes takes the positions that are held and answers with the messages that are missing; streams over HTTP;
 *   recall, delete and clear; pages of messages bounded by bytes.
 * - 1.0: hello, session, messages (text, image, file), conversations, receipts, typing, desk, service, push, files.
 */
export const PROTOCOL_MAJOR = 1;
export const PROTOCOL_MINOR = 1;
