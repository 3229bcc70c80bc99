/**
 * A connection made of HTTP requests, for clients whose proxies let no websocket through; protocol/stream.ts. What is said on
 * it, and how it ends, is the business of the gateway: here requests are told apart, judged and answered.
 *
 * It is opened by POST: a browser names the page's origin with every POST, also to its own server.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InlayError } from '../../../protocol/errors.ts';
import type { StreamOpened } from '../../../protocol/stream.ts';
import { type Gateway, HARD_MAX_BYTES } from '../../gateway/gateway.ts';
import { EventStream, Poll } from '../../gateway/http-outlets.ts';
import type { HttpStream } from '../../gateway/http-stream.ts';

const ADDRESS = '/v1/tenants/:tenantId/stream';
const PREFLIGHT_SECONDS = 600;

interface Route {
  Params: { tenantId: string };
}
type Request = FastifyRequest<Route>;

export async function streamRoutes(app: FastifyInstance, gateway: Gateway): Promise<void> {
  await app.register(async (scope) => {
    // What a message says is for the socket to judge, also that it is no JSON.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.addHook<Route>('onRequest', async (request, reply) => admit(gateway, request, reply));
    scope.setErrorHandler<FastifyError>((error) => {
      if (error.code !== 'FST_ERR_CTP_BODY_TOO_LARGE') throw error;
      throw new InlayError('frame-too-large', `A message has at most ${HARD_MAX_BYTES} bytes.`);
    });

    scope.post<Route>(ADDRESS, { bodyLimit: HARD_MAX_BYTES }, async (request, reply) => {
      if (hasStream(request)) {
        takeMessage(streamOf(gateway, request), request);
        return reply.code(204).send();
      }
      const { id } = await gateway.openStream(request.raw, request.params.tenantId);
      return reply.code(201).send({ stream: id } satisfies StreamOpened);
    });
    scope.get<Route>(ADDRESS, { exposeHeadRoute: false }, async (request, reply) => {
      // Whoever has no stream asks whether there could be one.
      if (!hasStream(request)) return reply.code(204).send();
      listen(streamOf(gateway, request), request, reply);
      return reply;
    });
    scope.delete<Route>(ADDRESS, async (request, reply) => {
      streamOf(gateway, request).terminate();
      return reply.code(204).send();
    });
    scope.options<Route>(ADDRESS, async (_request, reply) => {
      reply.headers({
        'access-control-allow-methods': 'GET, POST, DELETE',
        'access-control-allow-headers': 'content-type, inlay-stream, inlay-number, inlay-after',
        'access-control-max-age': String(PREFLIGHT_SECONDS),
      });
      return reply.code(204).send();
    });
  });
}

/** Pages of an allowed origin may read the answers, without credentials; a stream belongs to the origin that opened it. */
async function admit(gateway: Gateway, request: Request, reply: FastifyReply): Promise<void> {
  reply.headers({ 'vary': 'origin', 'cache-control': 'no-store, no-transform' });
  const { origin } = request.headers;
  const ownPage = gateway.isOwnPage(request.raw);
  if (!hasStream(request)) await gateway.check(request.raw, request.params.tenantId);
  else if (!ownPage && origin !== streamOf(gateway, request).foreignOrigin)
    throw new InlayError('origin-forbidden', 'The stream was opened by a page of another origin.');
  if (!ownPage && origin !== undefined) reply.header('access-control-allow-origin', origin);
}

function hasStream(request: Request): boolean {
  return request.headers['inlay-stream'] !== undefined;
}

function streamOf(gateway: Gateway, request: Request): HttpStream {
  const stream = gateway.streamOf(request.params.tenantId, String(request.headers['inlay-stream']));
  if (!stream) throw new InlayError('stream-unknown', 'There is no such stream, or it has ended.');
  return stream;
}

/** Without a number there is no message: a sign of life, and of what has come. */
function takeMessage(stream: HttpStream, request: Request): void {
  const after = numberIn(request, 'inlay-after') ?? 0;
  const number = numberIn(request, 'inlay-number');
  const { body } = request;
  if (number !== undefined && (number < 1 || !Buffer.isBuffer(body)))
    throw new InlayError('request-invalid', 'A message has a body, and a number from 1 in Inlay-Number.');
  stream.acknowledge(after);
  if (number !== undefined) stream.take(number, body as Buffer);
}

function listen(stream: HttpStream, request: Request, reply: FastifyReply): void {
  const after = numberIn(request, 'inlay-after') ?? 0;
  if (!stream.canResume(after)) throw new InlayError('stream-unknown', 'What follows this number is not kept.');
  const response = reply.hijack().raw;
  // Gone again before it was judged: its end would be told to nobody.
  if (response.destroyed) return;
  for (const [name, value] of Object.entries(reply.getHeaders())) response.setHeader(name, value ?? '');
  response.setHeader('x-accel-buffering', 'no');
  const isEvents = request.headers.accept?.includes('text/event-stream') === true;
  const outlet = isEvents ? new EventStream(response) : new Poll(response, () => stream.ping());
  response.once('close', () => stream.detach(outlet));
  stream.attach(outlet, after);
}

function numberIn(request: Request, name: 'inlay-after' | 'inlay-number'): number | undefined {
  const text = request.headers[name];
  if (text === undefined) return undefined;
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text))
    throw new InlayError('request-invalid', `${name} is a whole number.`);
  return Number(text);
}
