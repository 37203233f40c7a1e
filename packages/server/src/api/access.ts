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

/**
 * Refuses to start with a route that declares no permission, and checks it before anything else of a request is
 * looked at. Must be called before routes are declared.
 */
export function guardRoutes(app: Api, identity: Pick<Identity, 'authenticate'>): void {
  app.decorateRequest('principal', null);
  app.addHook('onRoute', (route) => {
    if (route.config?.permission === undefined) throw new MissingPermissionError(route);
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

async function authenticate(
  identity: Pick<Identity, 'authenticate'>,
  request: FastifyRequest,
): Promise<Principal> {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const principal = token === undefined ? null : await identity.authenticate(token);
  if (principal) return principal;
  const detail =
    token === undefined ? 'Send Authorization: Bearer <token>' : 'The token is not valid any more';
  throw new ServiceError('unauthenticated', detail);
}

/** Who makes this request. Only for routes that are not public. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error('The route is public: nobody is known');
  return request.principal;
}
