import { OFFLINE_AFTER_MS } from '@pocketproxy/protocol';
import { type DeviceStatus, RELAY_FRESH_MS } from './device-status.ts';

/** A device whose status is not the one that was logged. Times in milliseconds since the epoch. */
export interface StatusChange {
  readonly before: DeviceStatus;
  readonly status: DeviceStatus;
  readonly lastSeenAt: number | null;
  /** Last sign of life of the relay that is said to have a session of it; `null` when no relay is. */
  readonly relayHeartbeatAt: number | null;
  /** Start of the segment that was logged last. */
  readonly lastLoggedAt: number | null;
}

/** Start of a segment. */
export interface LoggedStatus {
  readonly status: DeviceStatus;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * What goes into the status log for a change that is noticed at `now`: when it really happened, however late somebody
 * looks, and also the time of reconnecting that nobody saw. Each start is later than the one before.
 */
export function loggedStatuses(change: StatusChange, now: number): LoggedStatus[] {
  const { before, status } = change;
  const lost = lostAt(change, now);
  const starts: LoggedStatus[] =
    status === 'online'
      ? [{ status, at: now }]
      : status === 'reconnecting'
        ? [{ status, at: lost }]
        : [
            ...(before === 'online' ? [{ status: 'reconnecting' as const, at: lost }] : []),
            { status, at: offlineAt(change, now) },
          ];
  let last = change.lastLoggedAt ?? Number.NEGATIVE_INFINITY;
  return starts.map((start) => {
    last = Math.max(Math.min(start.at, now), last + 1);
    return { ...start, at: last };
  });
}

/** When the tunnel was lost: told by its relay, or noticed because the relay itself fell silent. */
function lostAt({ relayHeartbeatAt, lastSeenAt }: StatusChange, now: number): number {
  return relayHeartbeatAt === null ? (lastSeenAt ?? now) : relayHeartbeatAt + RELAY_FRESH_MS;
}

function offlineAt(change: StatusChange, now: number): number {
  if (change.lastSeenAt === null) return now;
  const silent = change.lastSeenAt + OFFLINE_AFTER_MS;
  return change.relayHeartbeatAt === null ? silent : Math.max(silent, lostAt(change, now));
}
