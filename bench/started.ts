/** Something that runs until it is ended. */
export interface Running {
  stop(): Promise<void>;
}

/**
 * What the bench has started. It ends in order even when the bench is told to stop while something is starting: a server
 * that is killed instead leaves its database behind, and a lab its namespaces.
 */
export class Started {
  readonly #say: (text: string) => void;
  readonly #running: Running[] = [];
  readonly #starting = new Set<Promise<unknown>>();
  #stopping: Promise<void> | null = null;

  /** @param say told of what could not be ended in order */
  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** Keeps what `starting` brings. @throws {Error} what `starting` rejects with, or that the bench is over */
  async add<T extends Running>(starting: Promise<T>): Promise<T> {
    const kept = starting.then((running) => this.#running.push(running));
    const settled = kept.catch(() => {}).finally(() => this.#starting.delete(settled));
    this.#starting.add(settled);
    await kept;
    if (this.#stopping !== null) throw new Error('The bench is over');
    return await starting;
  }

  /** Ends one before all others. */
  async stop(running: Running): Promise<void> {
    const at = this.#running.indexOf(running);
    if (at === -1) return;
    this.#running.splice(at, 1);
    await running.stop();
  }

  /** Ends everything, last started first, and what is starting as soon as it has. Once, however often it is called. */
  stopAll(): Promise<void> {
    this.#stopping ??= this.#stopEach();
    return this.#stopping;
  }

  async #stopEach(): Promise<void> {
    do {
      await Promise.all(this.#starting);
      for (let last = this.#running.pop(); last !== undefined; last = this.#running.pop()) {
        await last.stop().catch((error: Error) => this.#say(`Was not ended in order: ${error.message}`));
      }
    } while (this.#starting.size > 0);
  }
}
