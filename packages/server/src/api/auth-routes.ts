import { loginBodySchema, type TokenGrant, tokenGrantSchema, userSchema } from '@pocketproxy/protocol/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Caller, Grant, Identity } from '../services/identity.ts';
import type { Principal } from '../services/permissions.ts';
import { principalOf } from './access.ts';
import type { Api } from './api.ts';

/** Attempts of one address, whatever they are for: hashing is the costliest thing a stranger can ask for. */
const LOGIN_RATE = { max: 120, timeWindow: '1 minute' };

export function authRoutes(app: Api, { identity }: { readonly identity: Identity }): void {
  app.post(
    '/auth/login',
    {
      config: { permission: 'public', audit: false, rateLimit: LOGIN_RATE },
      schema: { tags: ['auth'], body: loginBodySchema, response: { 200: tokenGrantSchema } },
    },
    async (request, reply) => {
      const { email, password } = request.body;
      return answer(reply, await identity.login(email, password, callerOf(request)));
    },
  );

  app.post(
    '/auth/refresh',
    {
      config: { permission: 'public', audit: false, rateLimit: LOGIN_RATE },
      schema: { tags: ['auth'], response: { 200: tokenGrantSchema } },
    },
    async (request, reply) => answer(reply, await identity.refresh(callerOf(request))),
  );

  app.get(
    '/auth/me',
    { config: { permission: 'session' }, schema: { tags: ['auth'], response: { 200: userSchema } } },
    async (request) => userView(principalOf(request)),
  );

  app.post(
    '/auth/logout',
    {
      config: { permission: 'session', audit: false },
      schema: { tags: ['auth'], response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await identity.logout(principalOf(request));
      return reply.code(204).send();
    },
  );
}

function answer(reply: FastifyReply, grant: Grant): TokenGrant {
  for (const cookie of grant.setCookies) reply.header('set-cookie', cookie);
  reply.header('cache-control', 'no-store');
  return {
    token: grant.token,
    expiresAt: grant.expiresAt.toISOString(),
    user: userView(grant.principal),
  };
}

function userView({ userId, email, name, role }: Principal) {
  return { id: userId, email, name, role };
}

function callerOf(request: FastifyRequest): Caller {
  const { cookie, 'user-agent': userAgent } = request.headers;
  return { address: request.ip, userAgent, cookie };
}
