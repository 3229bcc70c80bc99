/**
 * Identifiers of the wire. Each is opaque text: compare it, never take it apart.
 *
 * The brands keep ids of different nouns from being mixed up. A branded id comes into being in two places only: when a
 * row is read from the store, and when a frame has passed its check.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Chosen by the operator: 1 to 63 of `a-z 0-9 -`, e.g. `demo`. It stands in addresses. */
export type TenantId = Branded<'TenantId'>;
/** A person: a guest, a user known to the host, or an agent. */
export type UserId = Branded<'UserId'>;
export type ConversationId = Branded<'ConversationId'>;
export type MessageId = Branded<'MessageId'>;
/** Made by the sender's device, 8 to 64 of `A-Z a-z 0-9 _ -`; unique for that sender for ever. */
export type ClientMessageId = Branded<'ClientMessageId'>;
/** Unguessable: who knows it may read the file. */
export type FileId = Branded<'FileId'>;

export const TENANT_ID_PATTERN = '^[a-z0-9][a-z0-9-]{0,62}$';
export const ID_PATTERN = '^[A-Za-z0-9_.-]{1,64}$';
export const CLIENT_MESSAGE_ID_PATTERN = '^[A-Za-z0-9_-]{8,64}$';
