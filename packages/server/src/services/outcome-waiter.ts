import type { Clock } from '@pocketproxy/runtime';
import type { Bus } from '../domain/bus.ts';

/** Holds an answer back until something that a phone does has ended. */
export class OutcomeWaiter {
  readonly #bus: Bus;
  readonly #clock: Clock;

  constructor(bus: Bus, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
  }

  /**
   * Answers `load()` as soon as it `isDone`, and as it stands then after `waitMs` milliseconds. Looks again at each
   * event about `id`, and whenever events may have been missed.
   */
  async until<T>(
    event: 'command.changed' | 'rotation.changed',
    id: string,
    options: { readonly waitMs: number; load(): Promise<T>; isDone(value: T): boolean },
  ): Promise<T> {
    const { waitMs, load, isDone } = options;
    let wake = (): void => {};
    // From before the first look: what changes in between is not missed.
    let changed = false;
    const look = (): void => {
      changed = true;
      wake();
    };
    const stops = [
      this.#bus.subscribe(event, (heard) => heard.id === id && look()),
      this.#bus.onResync(look),
    ];
    const deadline = this.#clock.monotonic() + waitMs;
    try {
      for (;;) {
        changed = false;
        const value = await load();
        const left = deadline - this.#clock.monotonic();
        if (isDone(value) || left <= 0) return value;
        await new Promise<void>((resolve) => {
          const timer = this.#clock.setTimeout(resolve, left);
          wake = () => {
            timer.cancel();
            resolve();
          };
          if (changed) wake();
        });
      }
    } finally {
      for (const stop of stops) stop();
    }
  }
}
