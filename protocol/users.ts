import { type Static, Type } from '@sinclair/typebox';
import { NAME_MAX_LENGTH, URL_MAX_LENGTH } from './limits.ts';
import { UserIdSchema } from './schema.ts';

/**
 * A person as others see them.
 * - `guest`: wrote from a page and is not known to the host; has no name until they or a form gave one.
 * - `user`: known to the host by a signed identity.
 * - `agent`: answers for the tenant.
 */
export const UserSchema = Type.Object({
  userId: UserIdSchema,
  kind: Type.Union([Type.Literal('guest'), Type.Literal('user'), Type.Literal('agent')]),
  /** Absent for a nameless guest: the user interface has a word for it. */
  name: Type.Optional(Type.String({ minLength: 1, maxLength: NAME_MAX_LENGTH })),
  /** An https address of a picture; absent: one is drawn from the name. */
  avatar: Type.Optional(Type.String({ maxLength: URL_MAX_LENGTH })),
});
export type User = Static<typeof UserSchema>;
export type UserKind = User['kind'];
