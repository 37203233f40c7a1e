import { OFFLINE_AFTER_MS } from '@pocketproxy/protocol';

export type DeviceStatus = 'online' | 'reconnecting' | 'offline';

/** A relay whose last sign of life is older than this, in milliseconds, is taken for dead. */
export const RELAY_FRESH_MS = 30_000;

export interface DeviceSigns {
  readonly connectedRelayId: string | null;
  /** Last sign of life of that relay. */
  readonly relayHeartbeatAt: Date | null;
  /** Last heartbeat of the device itself. */
  readonly lastSeenAt: Date | null;
}

/** Whether a relay that gave its last sign of life at `heartbeatAt` is running. */
export function isRelayAlive(heartbeatAt: Date | null, now: number): boolean {
  return heartbeatAt !== null && now - heartbeatAt.getTime() < RELAY_FRESH_MS;
}

/** A device is online while a living relay has a session of it; without one it has two minutes to come back. */
export function deviceStatus(signs: DeviceSigns, now: number): DeviceStatus {
  if (signs.connectedRelayId !== null && isRelayAlive(signs.relayHeartbeatAt, now)) return 'online';
  const silentMs = signs.lastSeenAt === null ? Number.POSITIVE_INFINITY : now - signs.lastSeenAt.getTime();
  return silentMs < OFFLINE_AFTER_MS ? 'reconnecting' : 'offline';
}
