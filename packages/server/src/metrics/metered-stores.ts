import type { RelayMetrics } from '../domain/metrics.ts';
import type { RotationStore } from '../domain/rotation.ts';
import type { UsageStore } from '../domain/stores.ts';

/** A store whose stored bytes are counted. */
export function meteredUsage(store: UsageStore, metrics: RelayMetrics): UsageStore {
  return {
    add: async (deltas, at) => {
      const result = await store.add(deltas, at);
      for (const { bytesUp, bytesDown } of deltas) metrics.counted(bytesUp, bytesDown);
      return result;
    },
  };
}

/** A store whose ended rotations are counted. */
export function meteredRotations(store: RotationStore, metrics: RelayMetrics): RotationStore {
  return {
    open: (relayId) => store.open(relayId),
    openOf: (relayId, deviceId) => store.openOf(relayId, deviceId),
    begin: (rotation, attempt) => store.begin(rotation, attempt),
    retry: (id, attempt) => store.retry(id, attempt),
    reach: (id, step) => store.reach(id, step),
    hadAddress: (deviceId, ip, since) => store.hadAddress(deviceId, ip, since),
    finish: async (rotation, end) => {
      const ended = await store.finish(rotation, end);
      if (ended) metrics.rotationEnded(end.result.status, end.result.reason);
      return ended;
    },
  };
}
