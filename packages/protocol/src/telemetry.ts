import { z } from 'zod';
import { reportedText } from './reported-text.ts';

const counter = z.number().int().nonnegative();

/** First line of the telemetry stream: what this agent is. */
export const helloSchema = z.object({
  type: z.literal('hello'),
  agentVersion: reportedText(64),
  platform: reportedText(64),
  model: reportedText(128).nullable(),
  osVersion: reportedText(128).nullable(),
  /** Names of what this device can do, e.g. `tcp`, `udp`, `rotate_ip`. */
  capabilities: z.array(reportedText(64)).max(64),
  /** What it cannot do, why, and the step that makes it possible. */
  missing: z
    .array(z.object({ name: reportedText(64), reason: reportedText(500), fix: reportedText(500) }))
    .max(64)
    .default([]),
});
export type Hello = z.infer<typeof helloSchema>;

/** Every further line: the device's state now. It is the heartbeat, so it is sent even when nothing changed. */
export const telemetrySchema = z.object({
  type: z.literal('telemetry'),
  carrier: reportedText(128).nullable(),
  networkType: reportedText(32).nullable(),
  signalDbm: z.number().int().min(-200).max(0).nullable(),
  batteryPercent: z.number().int().min(0).max(100).nullable(),
  batteryCharging: z.boolean().nullable(),
  /** Address of the egress interface; `null` while the mobile path is missing and traffic is refused. */
  egressAddress: reportedText(64).nullable(),
  /** Bytes of the interfaces since the device started; `null` where nobody counts them. */
  interfaces: z
    .object({
      wifiUp: counter.nullable(),
      wifiDown: counter.nullable(),
      mobileUp: counter.nullable(),
      mobileDown: counter.nullable(),
    })
    .nullable()
    .default(null),
});
export type Telemetry = z.infer<typeof telemetrySchema>;

export const telemetryLineSchema = z.discriminatedUnion('type', [helloSchema, telemetrySchema]);
export type TelemetryLine = z.infer<typeof telemetryLineSchema>;
