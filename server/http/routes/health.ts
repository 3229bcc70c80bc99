import type { FastifyInstance } from 'fastify';
import { apiHeaders } from '../headers.ts';

/** `/healthz`: the process runs. `/readyz`: it can serve; before that, and from SIGTERM on, the server answers 503 itself. */
export function healthRoutes(app: FastifyInstance, isReady: () => Promise<boolean>): void {
  app.get('/healthz', async (_request, reply) => reply.headers(apiHeaders).send({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const ok = await isReady();
    return reply
      .code(ok ? 200 : 503)
      .headers(apiHeaders)
      .send({ ok });
  });
}
