import { z } from 'zod';

export const statsOverviewSchema = z.object({
  devices: z.object({
    total: z.number().int(),
    online: z.number().int(),
    reconnecting: z.number().int(),
    offline: z.number().int(),
  }),
  connections: z.object({ total: z.number().int(), enabled: z.number().int() }),
  /** Since midnight UTC. */
  today: z.object({ bytesUp: z.number().int(), bytesDown: z.number().int() }),
});
export type StatsOverview = z.infer<typeof statsOverviewSchema>;
