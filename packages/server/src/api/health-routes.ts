import { z } from 'zod';
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
  /** Why parts are off. */
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
      const ready = results.every(([, outcome]) => outcome !== 'failed');
      const reasons = results.flatMap(([name, outcome]) =>
        typeof outcome === 'string' ? [] : [[name, outcome.off] as const],
      );
      reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
      return {
        status: ready ? ('ready' as const) : ('not_ready' as const),
        checks: Object.fromEntries(
          results.map(([name, outcome]) => [name, typeof outcome === 'string' ? outcome : ('off' as const)]),
        ),
        reasons: Object.fromEntries(reasons),
      };
    },
  );
}

async function outcomeOf(check: () => Promise<TurnedOff | undefined>): Promise<TurnedOff | 'ok' | 'failed'> {
  return await check().then(
    (off) => off ?? ('ok' as const),
    () => 'failed' as const,
  );
}
