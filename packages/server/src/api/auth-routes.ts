import { loginBodySchema, type TokenGrant, tokenGrantSchema } from '@pocketproxy/protocol/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Caller } from '../services/caller.ts';
import type { Grant, Identity } from '../services/identity.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';

/** Attempts of one address, whatever they are for: hashing is the costliest thing a stranger can ask for. */
const LOGIN_RATE = { max: 120, timeWindow: '1 minute' };

export interface AuthRoutesOptions {
  readonly identity: Identity;
}

export function authRoutes(app: Api, { identity }: AuthRoutesOptions): void {
  app.post(
    '/auth/login',
    {
      config: { permission: 'public', audit: false, rateLimit: LOGIN_RATE },
      schema: { tags: ['auth'], body: loginBodySchema, response: { 200: tokenGrantSchema } },
    },
    async (request, reply) => grantView(reply, await identity.login(request.body, callerOf(request))),
  );

  app.post(
    '/auth/refresh',
    {
      config: { permission: 'public', audit: false, rateLimit: LOGIN_RATE },
      schema: { tags: ['auth'], response: { 200: tokenGrantSchema } },
    },
    async (request, reply) => grantView(reply, await identity.refresh(callerOf(request))),
  );

  app.post(
    '/auth/logout',
    {
      config: { permission: 'session', audit: false },
      schema: { tags: ['auth'], response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await identity.logout(principalOf(request), callerOf(request));
      return reply.code(204).send();
    },
  );
}

/** A grant as it is answered: the token in the body, the session in a cookie. */
export function grantView(reply: FastifyReply, grant: Grant): TokenGrant {
  for (const cookie of grant.setCookies) reply.header('set-cookie', cookie);
  reply.header('cache-control', 'no-store');
  const { userId, email, name, role } = grant.principal;
  return {
    token: grant.token,
    expiresAt: grant.expiresAt.toISOString(),
    user: { id: userId, email, name, role },
  };
}

/** Where a request came from. */
export function callerOf(request: FastifyRequest): Caller {
  const { cookie, 'user-agent': userAgent } = request.headers;
  return { address: request.ip, userAgent, cookie };
}
