import type { Logger } from '@pocketproxy/runtime';

/** What was started, in order, so that it is stopped in the opposite order, also when a later start fails. */
export class Lifecycle {
  readonly #log: Logger;
  readonly #stops: { readonly name: string; readonly stop: () => Promise<void> | void }[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  onStop(name: string, stop: () => Promise<void> | void): void {
    this.#stops.push({ name, stop });
  }

  /** Stops everything; what fails to stop does not keep the rest from stopping. */
  async stop(): Promise<void> {
    for (let next = this.#stops.pop(); next; next = this.#stops.pop()) {
      try {
        await next.stop();
        this.#log.debug({ part: next.name }, 'stopped');
      } catch (error) {
        this.#log.error({ part: next.name, err: error }, 'failed to stop');
      }
    }
  }
}
