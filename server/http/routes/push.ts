/** The popup's two requests; see protocol/push.ts. */

import type { Static, TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { InlayError } from '../../../protocol/errors.ts';
import { PushRedeemSchema, PushTicketSchema } from '../../../protocol/push.ts';
import type { Domain } from '../../domain/domain.ts';
import { redeemPushCode, subscribeByTicket } from '../../domain/push.ts';
import { clientAddress } from '../address.ts';
import { apiHeaders } from '../headers.ts';

const BODY_MAX_BYTES = 8 * 1024;
const redeem = checked(PushRedeemSchema);
const ticket = checked(PushTicketSchema);

/** No cookie is read here: the code and the ticket say who asks, so there is nothing for another site's page to borrow. */
export function pushRoutes(app: FastifyInstance, domain: Domain): void {
  const limit = ({ raw }: FastifyRequest) => domain.limits.take('push', clientAddress(raw, domain.settings.trustProxy));

  app.post('/v1/push/redeem', { bodyLimit: BODY_MAX_BYTES }, async (request, reply) => {
    limit(request);
    return reply.headers(apiHeaders).send(await redeemPushCode(domain, redeem(request.body)));
  });
  app.post('/v1/push/subscriptions', { bodyLimit: BODY_MAX_BYTES }, async (request, reply) => {
    limit(request);
    await subscribeByTicket(domain, ticket(request.body));
    return reply.code(201).headers(apiHeaders).send({});
  });
}

/** Here rather than by Fastify: an error must have a code of protocol/errors.ts. */
function checked<Schema extends TSchema>(schema: Schema): (body: unknown) => Static<Schema> {
  const checker = TypeCompiler.Compile(schema);
  return (body) => {
    if (checker.Check(body)) return body;
    const first = checker.Errors(body).First();
    throw new InlayError('request-invalid', `${first?.path ?? ''} ${first?.message ?? 'is not accepted'}`.trim());
  };
}
