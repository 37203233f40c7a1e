import type { Clock, Logger } from '@pocketproxy/runtime';
import type { Bus } from '../domain/bus.ts';
import type { DeviceSessions } from '../domain/device-tunnel.ts';
import type { OpenRotation, RotationHold, RotationStore } from '../domain/rotation.ts';
import { Phone } from './phone.ts';
import { type GiveUp, RotationRun } from './rotation-run.ts';

/** Finds what no event told of, e.g. because the database was away when it came. */
const SWEEP_MS = 10_000;

export interface RotationRunnerOptions {
  readonly relayId: string;
  readonly store: RotationStore;
  readonly sessions: DeviceSessions;
  readonly hold: RotationHold;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Job {
  readonly abort: AbortController;
  /** Something was heard of the device's rotations while this one was running. */
  again: boolean;
  done: Promise<void>;
}

/** Carries out the rotations of this relay's devices: those asked for, and those that its last run left behind. */
export class RotationRunner {
  readonly #options: RotationRunnerOptions;
  readonly #jobs = new Map<string, Job>();
  /** The last rotation that ended here, by device: a lookup that was under way may still show it as open. */
  readonly #ended = new Map<string, string>();
  #stopping = false;

  constructor(options: RotationRunnerOptions) {
    this.#options = options;
  }

  /**
   * Resumes what is open and follows the bus. Flows of devices that were rotating are held back when this resolves, so
   * it must be called before ports open. Answers a function that stops; open rotations are resumed by the next start.
   */
  async start(): Promise<() => Promise<void>> {
    const { bus, clock } = this.#options;
    const stops = [
      bus.subscribe('rotation.changed', ({ deviceId }) => void this.#consider(deviceId)),
      bus.subscribe('device.revoked', ({ id }) => this.#giveUp(id, 'cancelled')),
      bus.onResync(() => void this.#sweep()),
    ];
    await this.#sweep();
    const timer = clock.setInterval(() => void this.#sweep(), SWEEP_MS);
    return async () => {
      this.#stopping = true;
      timer.cancel();
      for (const stop of stops) stop();
      const running = [...this.#jobs.values()].map(({ done }) => done);
      for (const deviceId of [...this.#jobs.keys()]) this.#giveUp(deviceId, 'stopping');
      await Promise.all(running);
    };
  }

  async #sweep(): Promise<void> {
    const { store, relayId, log } = this.#options;
    try {
      for (const rotation of await store.open(relayId)) this.#run(rotation);
    } catch (error) {
      log.warn({ err: error }, 'rotations not looked up, will try again');
    }
  }

  /**
   * Looks for a queued rotation of the device. One that is running but unknown here is left to the sweep: it may be a
   * step of one that has just ended here.
   */
  async #consider(deviceId: string): Promise<void> {
    const { store, relayId, log } = this.#options;
    const job = this.#jobs.get(deviceId);
    if (job) {
      job.again = true;
      return;
    }
    try {
      const rotation = await store.openOf(relayId, deviceId);
      if (rotation?.status === 'queued') this.#run(rotation);
    } catch (error) {
      log.warn({ err: error, deviceId }, 'rotation not looked up, will try again');
    }
  }

  #run(rotation: OpenRotation): void {
    const { sessions, store, hold, clock, log } = this.#options;
    const { deviceId } = rotation;
    if (this.#stopping || this.#jobs.has(deviceId) || this.#ended.get(deviceId) === rotation.id) return;
    const abort = new AbortController();
    const { signal } = abort;
    const phone = new Phone({ deviceId, sessions, clock, signal });
    const job: Job = { abort, again: false, done: Promise.resolve() };
    this.#jobs.set(deviceId, job);
    const run = new RotationRun({ rotation, store, phone, hold, clock, log, signal });
    job.done = run.run().finally(() => {
      this.#jobs.delete(deviceId);
      this.#ended.set(deviceId, rotation.id);
      if (job.again && !this.#stopping) void this.#consider(deviceId);
    });
  }

  #giveUp(deviceId: string, reason: GiveUp): void {
    this.#jobs.get(deviceId)?.abort.abort(reason);
  }
}
