import { z } from 'zod';
import type { Api } from './api.ts';

/** Parts that must work, each with a check that rejects when it does not. */
export type ReadinessChecks = Readonly<Record<string, () => Promise<void>>>;

const readinessSchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.record(z.string(), z.enum(['ok', 'failed'])),
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
      const ready = results.every(([, outcome]) => outcome === 'ok');
      reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
      return {
        status: ready ? ('ready' as const) : ('not_ready' as const),
        checks: Object.fromEntries(results),
      };
    },
  );
}

async function outcomeOf(check: () => Promise<void>): Promise<'ok' | 'failed'> {
  return await check().then(
    () => 'ok' as const,
    () => 'failed' as const,
  );
}
