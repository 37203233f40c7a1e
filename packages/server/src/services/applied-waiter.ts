import type { Clock } from '@pocketproxy/runtime';
import type { Bus, BusEvent } from '../domain/bus.ts';

type Applied = Extract<BusEvent, { type: 'connection.applied' }>;

/** How a change reached the data path. */
export interface AppliedOutcome {
  /** Whether a relay said in time that it has taken the change over. */
  readonly applied: boolean;
  /** Why the relay could not open the port. */
  readonly problem: string | null;
}

/** How long a change waits for the relay, in milliseconds; it takes a few. */
const WAIT_MS = 2_000;

/** Holds an answer back until the relay works with what was changed, so that a client can use it at once. */
export class AppliedWaiter {
  readonly #bus: Bus;
  readonly #clock: Clock;

  constructor(bus: Bus, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
  }

  /**
   * Runs `change` and waits until a relay has applied it. Listens from before the change, for the relay may be
   * faster than the database's answer to us. `change` answers the version that it made, or `null` for none.
   */
  async during(id: string, change: () => Promise<number | null>): Promise<AppliedOutcome> {
    const events: Applied[] = [];
    let wake = (): void => {};
    const stop = this.#bus.subscribe('connection.applied', (event) => {
      if (event.id !== id) return;
      events.push(event);
      wake();
    });
    try {
      const version = await change();
      if (version === null) return { applied: false, problem: null };
      return await new Promise((resolve) => {
        const timer = this.#clock.setTimeout(() => resolve({ applied: false, problem: null }), WAIT_MS);
        wake = () => {
          const event = events.find((candidate) => candidate.version >= version);
          if (!event) return;
          timer.cancel();
          resolve({ applied: true, problem: event.problem });
        };
        wake();
      });
    } finally {
      stop();
    }
  }
}
