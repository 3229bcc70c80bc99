import { type Static, Type } from '@sinclair/typebox';
import { TenantIdSchema } from './schema.ts';

/** What a visitor's client must know of the tenant to look right. Nothing in it is secret. */
export const TenantSchema = Type.Object({
  tenantId: TenantIdSchema,
  name: Type.String(),
  /** `#rrggbb`; absent: the default accent. A client moves it until it can be read. */
  accent: Type.Optional(Type.String({ pattern: '^#[0-9a-fA-F]{6}$' })),
  /** A word of welcome, by language (`en`, `zh-CN`); a missing language falls back to `en`, then to the client's own. */
  greeting: Type.Optional(Type.Record(Type.String(), Type.String())),
  /** Up to four questions offered in an empty conversation, by language. */
  questions: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String(), { maxItems: 4 }))),
});
export type Tenant = Static<typeof TenantSchema>;
