/** Runs things at most once in a while each, the first time at once and never losing the last. */
export class Throttle {
  readonly #everyMs: number;
  readonly #setTimeout: (run: () => void, ms: number) => unknown;
  /** Keys that must wait, with what is to run then. */
  readonly #waiting = new Map<string, (() => void) | null>();

  constructor(
    everyMs: number,
    setTimeout: (run: () => void, ms: number) => unknown = globalThis.setTimeout.bind(globalThis),
  ) {
    this.#everyMs = everyMs;
    this.#setTimeout = setTimeout;
  }

  run(key: string, what: () => void): void {
    if (this.#waiting.has(key)) {
      this.#waiting.set(key, what);
      return;
    }
    what();
    this.#wait(key);
  }

  #wait(key: string): void {
    this.#waiting.set(key, null);
    this.#setTimeout(() => {
      const next = this.#waiting.get(key) ?? null;
      this.#waiting.delete(key);
      if (next === null) return;
      next();
      this.#wait(key);
    }, this.#everyMs);
  }
}
