/** The HTTP door: Fastify with all routes. It does not listen: app.ts owns the server and hands requests over. */
import { randomUUID } from 'node:crypto';
import multipart from '@fastify/multipart';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import { errorStatus } from '../../protocol/error-status.ts';
import { bodyOf, InlayError } from '../../protocol/errors.ts';
import type { Domain } from '../domain/domain.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { tellable } from '../log.ts';
import type { Assets } from './assets.ts';
import { Compression } from './compression.ts';
import { sessionCookie } from './cookies.ts';
import { apiHeaders } from './headers.ts';
import { consoleSessionRoutes } from './routes/console-session.ts';
import { fileRoutes } from './routes/files.ts';
import { healthRoutes } from './routes/health.ts';
import { operatorRoutes } from './routes/operator.ts';
import { pageRoutes } from './routes/pages.ts';
import { pushRoutes } from './routes/push.ts';
import { scriptRoutes } from './routes/scripts.ts';
import { streamRoutes } from './routes/stream.ts';
import type { Web } from './web.ts';

/** JSON bodies; files have a limit of their own. */
const BODY_MAX_BYTES = 64 * 1024;
/** A file's name of 255 characters takes up to nine times as many in an address. */
const PARAM_MAX_LENGTH = 2_500;

export interface HttpOptions {
  readonly domain: Domain;
  readonly assets: Assets;
  readonly version: string;
  readonly isReady: () => Promise<boolean>;
  readonly gateway: Gateway;
}

export async function createHttp({ domain, assets, version, isReady, gateway }: HttpOptions): Promise<FastifyInstance> {
  const { settings } = domain;
  const log: FastifyBaseLogger = domain.log;
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: (_address, hop) => hop < settings.trustProxy,
    bodyLimit: BODY_MAX_BYTES,
    genReqId: () => randomUUID().slice(0, 8),
    routerOptions: { maxParamLength: PARAM_MAX_LENGTH },
  });
  const web: Web = {
    domain,
    assets,
    version,
    compression: new Compression(),
    cookie: sessionCookie(settings.publicUrl),
  };
  // One byte more than is allowed may come through, so that the domain sees that a file is too large.
  const limits = { files: 1, fields: 0, parts: 1, fileSize: settings.fileMaxBytes + 1, headerPairs: 50 };
  await app.register(multipart, { limits, throwFileSizeLimit: false });
  answerErrors(app);
  logRequests(app);
  healthRoutes(app, isReady);
  operatorRoutes(app, domain);
  scriptRoutes(app, web);
  pageRoutes(app, web);
  consoleSessionRoutes(app, web);
  fileRoutes(app, web);
  await pushRoutes(app, domain);
  await streamRoutes(app, gateway);
  await app.ready();
  return app;
}

function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler(() => {
    throw new InlayError('not-found', 'There is nothing at this address.');
  });
  app.setErrorHandler((error, request, reply) => {
    const told = isRequestError(error)
      ? new InlayError('request-invalid', error.message)
      : tellable(error, request.log);
    if (told.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(told.retryAfterMs / 1000));
    return reply
      .code(errorStatus[told.code])
      .headers(apiHeaders)
      .send({ error: bodyOf(told) });
  });
}

/** Fastify's own refusals of a request: no JSON, too long, wrong media type. */
function isRequestError(error: unknown): error is Error {
  if (error instanceof InlayError || !(error instanceof Error) || !('statusCode' in error)) return false;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
}

/** The route's pattern, not the address: an address of a file opens the file, and a query may hold anything. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (request.url.startsWith('/v1/')) reply.headers(apiHeaders);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode, elapsedTime } = reply;
    const line = { method: request.method, route: routeOf(request), status: statusCode, ms: Math.round(elapsedTime) };
    if (statusCode >= 500) request.log.warn(line, 'request');
    else request.log.debug(line, 'request');
  });
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'none';
}
