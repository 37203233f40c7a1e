import { LIVE_TOKEN_PROTOCOL_PREFIX } from '@pocketproxy/protocol/api';
import type { FastifyRequest, RouteOptions } from 'fastify';
import type { Identity } from '../services/identity.ts';
import { isAllowed, type Principal } from '../services/permissions.ts';
import { ServiceError } from '../services/service-error.ts';
import type { Api } from './api.ts';

/** A route was declared without saying who may call it. */
export class MissingPermissionError extends Error {
  constructor(route: RouteOptions) {
    super(`Route ${route.method} ${route.url} declares no permission in its config`);
    this.name = 'MissingPermissionError';
  }
}

/** Tells whom a token stands for. */
export type Authenticator = Pick<Identity, 'authenticate'>;

/**
 * Refuses to start with a route that declares no permission, and checks it before anything else of a request is
 * looked at. Must be called before routes are declared.
 */
export function guardRoutes(app: Api, identity: Authenticator): void {
  app.decorateRequest('principal', null);
  app.decorate('declaredRoutes', []);
  app.addHook('onRoute', (route) => {
    const permission = route.config?.permission;
    if (permission === undefined) throw new MissingPermissionError(route);
    for (const method of [route.method].flat()) {
      app.declaredRoutes.push({ method, url: route.url, permission });
    }
  });
  app.addHook('onRequest', async (request) => {
    const { permission } = request.routeOptions.config;
    // Undefined for a path that is no route.
    if (permission === undefined || permission === 'public') return;
    const principal = await authenticate(identity, request);
    if (!isAllowed(principal, permission)) throw new ServiceError('forbidden');
    request.principal = principal;
  });
}

/** Whom the token of a request stands for. @throws {ServiceError} `unauthenticated` */
export async function authenticate(identity: Authenticator, request: FastifyRequest): Promise<Principal> {
  const token = bearerTokenOf(request);
  const principal = token === undefined ? null : await identity.authenticate(token);
  if (principal) return principal;
  const detail =
    token === undefined ? 'Send Authorization: Bearer <token>' : 'The token is not valid any more';
  throw new ServiceError('unauthenticated', detail);
}

/** The token of a request; of a WebSocket also from where browsers can put it, the offered protocols. */
export function bearerTokenOf({ headers }: FastifyRequest): string | undefined {
  const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (token !== undefined || headers.upgrade?.toLowerCase() !== 'websocket') return token;
  const offered = headers['sec-websocket-protocol']?.split(',').map((protocol) => protocol.trim()) ?? [];
  return offered
    .find((protocol) => protocol.startsWith(LIVE_TOKEN_PROTOCOL_PREFIX))
    ?.slice(LIVE_TOKEN_PROTOCOL_PREFIX.length);
}

/** Who makes this request. Only for routes that are not public. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error('The route is public: nobody is known');
  return request.principal;
}
