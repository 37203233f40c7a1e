import { z } from 'zod';
import { timeSchema } from './common.ts';

/** One process that carries traffic. */
export const relayStatusSchema = z.object({
  id: z.uuid(),
  /** In pairing codes, proxy URLs and client files. */
  publicHost: z.string(),
  tunnelPort: z.number().int(),
  /** Ports of connections, from the first up to and with the last. */
  firstPort: z.number().int(),
  lastPort: z.number().int(),
  /** How many of them are taken. */
  usedPorts: z.number().int(),
  /** Whether it gave a sign of life lately. */
  alive: z.boolean(),
  heartbeatAt: timeSchema,
  openVpn: z.object({
    state: z.enum(['on', 'off']),
    /** UDP; `null` while it is off. */
    port: z.number().int().nullable(),
    /** Why it is off, and how to turn it on. */
    reason: z.string().nullable(),
  }),
});
export type RelayStatusView = z.infer<typeof relayStatusSchema>;

/** What runs here, and how it is reached. */
export const serverStatusSchema = z.object({
  version: z.string(),
  nodeVersion: z.string(),
  /** Of PostgreSQL. */
  databaseVersion: z.string(),
  /** Where people reach dashboard and API. */
  publicUrl: z.string(),
  /** Whether it can send e-mail. */
  email: z.enum(['on', 'off']),
  relays: z.array(relayStatusSchema),
});
export type ServerStatusView = z.infer<typeof serverStatusSchema>;
