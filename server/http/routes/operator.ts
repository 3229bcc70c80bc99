/**
 * What concerns all tenants, for whoever runs the server (operator-access.ts): `/metrics` for Prometheus, and what became of one
 * message. To everybody else there is nothing at these addresses.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { InlayError } from '../../../protocol/errors.ts';
import type { Domain } from '../../domain/domain.ts';
import { apiHeaders } from '../headers.ts';
import { isOperator } from '../operator-access.ts';

export function operatorRoutes(app: FastifyInstance, { settings, metrics, traces }: Domain): void {
  const onRequest = async ({ raw }: FastifyRequest) => {
    if (!isOperator(raw, settings)) throw new InlayError('not-found', 'There is nothing at this address.');
  };

  app.get('/metrics', { onRequest }, async (_request, reply) =>
    reply.headers({ ...apiHeaders, 'content-type': metrics.contentType }).send(await metrics.text()),
  );

  app.get<{ Params: { messageId: string } }>(
    '/v1/operator/messages/:messageId/trace',
    { onRequest },
    async ({ params }, reply) => {
      const found = traces.find(params.messageId);
      if (!found)
        throw new InlayError('not-found', `It is not among the newest ${traces.size} messages of this process.`);
      return reply.headers(apiHeaders).send(found);
    },
  );
}
