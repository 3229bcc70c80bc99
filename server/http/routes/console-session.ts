/** Agents sign in and out. Requests that change something must come from a page of our own origin (or from no page at all). */
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { InlayError } from '../../../protocol/errors.ts';
import { SignInSchema } from '../../../protocol/sessions.ts';
import { agentFromCookie, signIn } from '../../domain/agents.ts';
import { clientAddress } from '../address.ts';
import { isOwnOrigin } from '../origin.ts';
import type { Web } from '../web.ts';

const ADDRESS = '/v1/console/session';
const signInCheck = TypeCompiler.Compile(SignInSchema);

export function consoleSessionRoutes(app: FastifyInstance, web: Web): void {
  const { domain, cookie } = web;

  app.post(ADDRESS, async (request, reply) => {
    checkOwnPage(web, request);
    const { body } = request;
    if (!signInCheck.Check(body)) throw new InlayError('request-invalid', 'The body is { account, password }.');
    const address = clientAddress(request.raw, domain.settings.trustProxy);
    const { session, maxAgeSeconds, tenantId, user } = await signIn(domain, {
      account: body.account,
      password: body.password,
      address,
    });
    return reply.header('set-cookie', cookie.write(session, maxAgeSeconds)).send({ tenantId, user });
  });

  app.get(ADDRESS, async (request, reply) => {
    const session = cookie.read(request.headers.cookie);
    if (session === undefined) throw new InlayError('session-required', 'Nobody is signed in.');
    const { actor, user, fresh } = await agentFromCookie(domain, session);
    if (fresh) reply.header('set-cookie', cookie.write(fresh.session, fresh.maxAgeSeconds));
    return reply.send({ tenantId: actor.tenantId, user });
  });

  app.delete(ADDRESS, async (request, reply) => {
    checkOwnPage(web, request);
    return reply.code(204).header('set-cookie', cookie.write('', 0)).send();
  });
}

/**
 * SameSite=Strict keeps other sites out, but another port or a sibling domain is the same site: its pages could sign an
 * agent out, or in to an account of theirs.
 */
export function checkOwnPage({ domain }: Web, request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (origin !== undefined && !isOwnOrigin(origin, domain.settings.publicUrl, host))
    throw new InlayError('origin-forbidden', 'Only pages of this server may ask this.');
}
