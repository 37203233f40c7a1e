/**
 * Hands things on together, a moment after the first of them: with thousands of phones there are hundreds of events a
 * second, and a page that is drawn for each of them has no time for anything else.
 */
export class Gather<T> {
  readonly #afterMs: number;
  readonly #handOn: (things: readonly T[]) => void;
  readonly #setTimeout: (run: () => void, ms: number) => unknown;
  #gathered: T[] = [];

  constructor(
    afterMs: number,
    handOn: (things: readonly T[]) => void,
    setTimeout: (run: () => void, ms: number) => unknown = globalThis.setTimeout.bind(globalThis),
  ) {
    this.#afterMs = afterMs;
    this.#handOn = handOn;
    this.#setTimeout = setTimeout;
  }

  add(thing: T): void {
    this.#gathered.push(thing);
    if (this.#gathered.length > 1) return;
    this.#setTimeout(() => {
      const things = this.#gathered;
      this.#gathered = [];
      this.#handOn(things);
    }, this.#afterMs);
  }
}
