import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Permission, Principal } from '../services/permissions.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route. A route without one does not start. */
    permission?: Permission | 'public';
  }
  interface FastifyRequest {
    /** Set on every route that is not public before its handler runs. */
    principal: Principal | null;
  }
}

/** The application whose routes take their types from schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
