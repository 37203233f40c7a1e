import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { AuditActor } from '../services/audit.ts';
import type { Permission, Principal } from '../services/permissions.ts';

/** One change of one thing, as the audit log keeps it. Neither side holds a secret. */
export interface AuditedChange {
  /** Of what was changed. */
  readonly organizationId: string;
  /** Such as `connection`. */
  readonly targetType: string;
  readonly targetId: string;
  /** `null` when it was made. */
  readonly before: object | null;
  /** `null` when it is gone. */
  readonly after: object | null;
}

/** A route as it was declared; who may call it is what its tests are made from. */
export interface DeclaredRoute {
  readonly method: string;
  /** With the prefix, such as `/api/v1/devices/:id`. */
  readonly url: string;
  readonly permission: Permission | 'public';
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route, in the order of declaration. */
    declaredRoutes: DeclaredRoute[];
  }
  interface FastifyContextConfig {
    /** Who may call the route. A route without one does not start. */
    permission?: Permission | 'public';
    /**
     * Name of the change in the audit log, e.g. `connection.update`; `false` for a call that changes nothing.
     * Every route that is not a GET declares it.
     */
    audit?: string | false;
  }
  interface FastifyRequest {
    /** Set on every route that is not public before its handler runs. */
    principal: Principal | null;
    /** Who acts on a public route, such as a rotation link; elsewhere the principal does. */
    actor: AuditActor | null;
    /** What this request has changed so far; goes into the audit log before the answer is sent. */
    audited: AuditedChange[];
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
