/** Exponential backoff with full jitter: each wait is drawn from [min, ceiling], and the ceiling doubles. */
export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

export class Backoff {
  readonly #options: Required<BackoffOptions>;
  #ceiling: number;

  constructor(options: BackoffOptions) {
    this.#options = { random: Math.random, ...options };
    this.#ceiling = options.minMs * 2;
  }

  /** The next wait in milliseconds. */
  next(): number {
    const { minMs, maxMs, random } = this.#options;
    const wait = minMs + (Math.min(this.#ceiling, maxMs) - minMs) * random();
    this.#ceiling = Math.min(this.#ceiling * 2, maxMs);
    return Math.round(wait);
  }

  /** Call after a success: the next wait is short again. */
  reset(): void {
    this.#ceiling = this.#options.minMs * 2;
  }
}
