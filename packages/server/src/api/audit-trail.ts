import type { FastifyRequest, RouteOptions } from 'fastify';
import { type AuditActor, type AuditLog, actorOf } from '../services/audit.ts';
import type { Api } from './api.ts';

/** A route that may change something was declared without saying what the audit log calls it. */
export class MissingAuditError extends Error {
  constructor(route: RouteOptions) {
    super(`Route ${route.method} ${route.url} declares neither a name for the audit log nor audit: false`);
    this.name = 'MissingAuditError';
  }
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);
const NOBODY: AuditActor = { type: 'system', id: null, name: 'Nobody' };

/**
 * Refuses to start with a route that could change something and does not say how the audit log names it, and stores
 * what requests have changed before they are answered, also when they failed half-way. Must be called before routes
 * are declared.
 */
export function keepAuditTrail(app: Api, auditLog: Pick<AuditLog, 'record'>): void {
  app.decorateRequest('actor', null);
  // Made anew for each request below: a decorated array would be shared by all.
  app.decorateRequest('audited', null as never);
  app.addHook('onRoute', (route) => {
    const reads = [route.method].flat().every((method) => READING.has(method));
    if (!reads && route.config?.audit === undefined) throw new MissingAuditError(route);
  });
  app.addHook('onRequest', async (request) => {
    request.audited = [];
  });
  app.addHook('onSend', async (request) => {
    await store(auditLog, request);
  });
}

async function store(auditLog: Pick<AuditLog, 'record'>, request: FastifyRequest): Promise<void> {
  // Taken out, because the answer to a failure of this very hook comes by again.
  const changes = request.audited?.splice(0) ?? [];
  const { audit } = request.routeOptions.config;
  if (changes.length === 0) return;
  if (!audit)
    throw new Error(`${request.routeOptions.url} has changed something and declares that it does not`);
  const actor = request.actor ?? (request.principal ? actorOf(request.principal) : NOBODY);
  await auditLog.record(changes.map((change) => ({ actor, address: request.ip, action: audit, ...change })));
}

/** Of a thing, the members that a request names: what else has changed meanwhile is not its doing. */
export function namedBy(body: object, view: object): object {
  return Object.fromEntries(Object.entries(view).filter(([name]) => name in body));
}
