import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { DatabaseAddress } from '../../packages/server/src/db/database.ts';

/** How long each statement took. */
export interface RelayWrites {
  readonly telemetryMs: number[];
  readonly usageMs: number[];
}

/** Runs `work` while relays write. */
export async function duringRelayWrites(
  address: DatabaseAddress,
  devices: readonly string[],
  work: () => Promise<void>,
): Promise<RelayWrites> {
  const file = new URL('./relay-writes-main.ts', import.meta.url);
  const worker = new Worker(file, { workerData: { address, devices } });
  // A worker that fails ends the measurement.
  const failed = once(worker, 'error').then(([error]) => Promise.reject(error));
  failed.catch(() => {});
  try {
    await Promise.race([once(worker, 'message'), failed]);
    await Promise.race([work(), failed]);
    const answered = once(worker, 'message');
    worker.postMessage('stop');
    const [took] = await Promise.race([answered, failed]);
    return took as RelayWrites;
  } finally {
    await worker.terminate();
  }
}
