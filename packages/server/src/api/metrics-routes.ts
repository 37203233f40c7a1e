import type { FastifyRequest } from 'fastify';
import { isAllowed } from '../services/permissions.ts';
import { ServiceError } from '../services/service-error.ts';
import { type Authenticator, authenticate } from './access.ts';
import type { Api } from './api.ts';

/** What is measured, as the routes use it. */
export interface MetricsSource {
  render(): Promise<{ readonly text: string; readonly contentType: string }>;
  requestDone(method: string, route: string, status: number, seconds: number): void;
}

export interface MetricsRoutesOptions {
  readonly metrics: MetricsSource;
  readonly identity: Authenticator;
}

/** Fields that tell of a proxy in between: then the peer's address says nothing about who asks. */
const FORWARDING = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'] as const;

/**
 * `GET /metrics` at the root, in the Prometheus text format. Programs on this host need no token, others need one
 * that may `metrics:read`.
 */
export function metricsRoutes(app: Api, { metrics, identity }: MetricsRoutesOptions): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.requestDone(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
  });

  app.get(
    '/metrics',
    { config: { permission: 'public' }, schema: { tags: ['health'], summary: 'Metrics for Prometheus' } },
    async (request, reply) => {
      if (!isLocal(request)) {
        const principal = await authenticate(identity, request);
        if (!isAllowed(principal, 'metrics:read')) throw new ServiceError('forbidden');
      }
      const { text, contentType } = await metrics.render();
      return reply.header('cache-control', 'no-store').type(contentType).send(text);
    },
  );
}

function isLocal({ socket, headers }: FastifyRequest): boolean {
  const peer = socket.remoteAddress ?? '';
  const loopback = peer === '::1' || /^(::ffff:)?127\./.test(peer);
  return loopback && FORWARDING.every((name) => headers[name] === undefined);
}
