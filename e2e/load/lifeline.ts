/** Everything that one flow holds open, so that it can be ended whatever the flow waits for. */
export class Lifeline {
  readonly #held = new Set<() => void>();
  #cut = false;

  /** Calls `end` when the flow is over; at once if it is already. */
  hold(end: () => void): void {
    if (this.#cut) end();
    else this.#held.add(end);
  }

  /** Ends everything. */
  cut(): void {
    this.#cut = true;
    for (const end of this.#held) end();
    this.#held.clear();
  }
}
