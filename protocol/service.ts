/**
 * Customer service: the state of a service conversation, what is known of the visitor, and what an agent does with it.
 */
import { type Static, Type } from '@sinclair/typebox';
import {
  CONTACT_MAX_LENGTH,
  FIELD_NAME_MAX_LENGTH,
  FIELD_VALUE_MAX_LENGTH,
  FIELDS_MAX_COUNT,
  NAME_MAX_LENGTH,
  TITLE_MAX_LENGTH,
  URL_MAX_LENGTH,
} from './limits.ts';
import { ConversationIdSchema, event, request, TimeSchema, UserIdSchema } from './schema.ts';

/** The way by which the visitor came in. */
export const EntrySchema = Type.Union([
  Type.Literal('script'),
  Type.Literal('link'),
  Type.Literal('mini-program'),
  Type.Literal('element'),
]);
export type Entry = Static<typeof EntrySchema>;

/** What a visitor's device tells of itself and its page. Agents see it; the visitor's own client may not ask for it back. */
export const VisitorContextSchema = Type.Object({
  entry: Type.Optional(EntrySchema),
  /** The page that the widget stands on, or the link page itself. */
  page: Type.Optional(
    Type.Object({
      url: Type.String({ maxLength: URL_MAX_LENGTH }),
      title: Type.Optional(Type.String({ maxLength: TITLE_MAX_LENGTH })),
      referrer: Type.Optional(Type.String({ maxLength: URL_MAX_LENGTH })),
    }),
  ),
  /** BCP 47, e.g. `zh-CN`. */
  locale: Type.Optional(Type.String({ maxLength: 35 })),
  /** IANA name, e.g. `Asia/Shanghai`. */
  timeZone: Type.Optional(Type.String({ maxLength: 64 })),
  /** The name a form or a link gave; it becomes the guest's name while they have no other. */
  name: Type.Optional(Type.String({ maxLength: NAME_MAX_LENGTH })),
  /** Phone, e-mail, WeChat ID … as typed. */
  contact: Type.Optional(Type.String({ maxLength: CONTACT_MAX_LENGTH })),
  /** Form fields (`field_*` of the link), name to value; at most FIELDS_MAX_COUNT. */
  fields: Type.Optional(
    Type.Record(
      Type.String({ minLength: 1, maxLength: FIELD_NAME_MAX_LENGTH }),
      Type.String({ maxLength: FIELD_VALUE_MAX_LENGTH }),
      { maxProperties: FIELDS_MAX_COUNT },
    ),
  ),
});
export type VisitorContext = Static<typeof VisitorContextSchema>;

/** What an agent sees of the visitor: the context, and what the server found out itself. */
export const VisitorSchema = Type.Composite([
  VisitorContextSchema,
  Type.Object({
    /** From the browser's own words, e.g. `Chrome · Android`. */
    device: Type.Optional(Type.String({ maxLength: 100 })),
  }),
]);
export type Visitor = Static<typeof VisitorSchema>;

/**
 * - `waiting`: the visitor wrote and nobody took it; `waitingSince` is the first unanswered message (absent while it is empty).
 * - `open`: an agent has it.
 * - `closed`: done. A new message of the visitor makes it `waiting` again.
 */
export const ServiceStateSchema = Type.Object({
  status: Type.Union([Type.Literal('waiting'), Type.Literal('open'), Type.Literal('closed')]),
  /** The agent who has it: with `open` always, with `closed` who had it last. */
  assigneeId: Type.Optional(UserIdSchema),
  /** When the oldest message of the visitor that no agent has answered was sent; absent: nothing waits. */
  waitingSince: Type.Optional(TimeSchema),
});
export type ServiceState = Static<typeof ServiceStateSchema>;

/** Agents only. Answering (message.send) takes an untaken conversation by itself. Errors: forbidden, not-found. */
export const ServiceTake = request('service.take', { conversationId: ConversationIdSchema });
export const ServiceClose = request('service.close', { conversationId: ConversationIdSchema });
/** Makes it `open` for the agent who asks. */
export const ServiceReopen = request('service.reopen', { conversationId: ConversationIdSchema });

/** The visitor's client says where it is; kept with their conversation. Errors: session-required. */
export const ContextUpdate = request('context.update', { context: VisitorContextSchema });

/** The desk of a tenant: whether an agent is there. */
export const DeskSchema = Type.Object({
  /** At least one agent is connected. */
  online: Type.Boolean(),
});
export type Desk = Static<typeof DeskSchema>;
export const DeskChanged = event('desk.changed', { desk: DeskSchema });
