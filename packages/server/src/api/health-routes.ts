import { z } from 'zod';
import { NotReady } from '../domain/not-ready.ts';
import type { Api } from './api.ts';

/** A part that is off, without which the rest does its work. */
export interface TurnedOff {
  readonly off: string;
}

/** Parts of the server, each with a check that rejects when it must work and does not. */
export type ReadinessChecks = Readonly<Record<string, () => Promise<TurnedOff | undefined>>>;

const readinessSchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.record(z.string(), z.enum(['ok', 'off', 'failed'])),
  /** Why parts are off, and why some have failed. */
  reasons: z.record(z.string(), z.string()),
});

/** `/healthz`: the process answers. `/readyz`: it can do its work. Both at the root. */
export function healthRoutes(app: Api, { checks }: { readonly checks: ReadinessChecks }): void {
  app.get(
    '/healthz',
    {
      config: { permission: 'public' },
      schema: { tags: ['health'], response: { 200: z.object({ status: z.literal('ok') }) } },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      config: { permission: 'public' },
      schema: { tags: ['health'], response: { 200: readinessSchema, 503: readinessSchema } },
    },
    async (_request, reply) => {
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => [name, await outcomeOf(check)] as const),
      );
      const ready = results.every(([, { outcome }]) => outcome !== 'failed');
      const reasons = results.flatMap(([name, { reason }]) => (reason === null ? [] : [[name, reason]]));
      reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
      return {
        status: ready ? ('ready' as const) : ('not_ready' as const),
        checks: Object.fromEntries(results.map(([name, { outcome }]) => [name, outcome])),
        reasons: Object.fromEntries(reasons),
      };
    },
  );
}

interface Outcome {
  readonly outcome: 'ok' | 'off' | 'failed';
  readonly reason: string | null;
}

async function outcomeOf(check: () => Promise<TurnedOff | undefined>): Promise<Outcome> {
  return await check().then(
    (off) => (off ? { outcome: 'off', reason: off.off } : { outcome: 'ok', reason: null }),
    (error: unknown) => ({ outcome: 'failed', reason: error instanceof NotReady ? error.message : null }),
  );
}
