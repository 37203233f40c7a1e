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
  /** How rotations ended that ended since midnight UTC. */
  rotations: z.object({
    succeeded: z.number().int(),
    unchanged: z.number().int(),
    failed: z.number().int(),
  }),
});
export type StatsOverview = z.infer<typeof statsOverviewSchema>;

/** What belongs to one device. Devices without a connection and without traffic today are left out. */
export const deviceTotalsSchema = z.object({
  deviceId: z.uuid(),
  connections: z.number().int(),
  /** Since midnight UTC, also through connections that are deleted by now. */
  bytesUpToday: z.number().int(),
  bytesDownToday: z.number().int(),
});
export type DeviceTotals = z.infer<typeof deviceTotalsSchema>;
