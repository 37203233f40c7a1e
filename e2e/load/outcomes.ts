/** Latencies kept for one interval; later ones replace earlier ones evenly. */
const KEPT = 20_000;

/** What became of flows since the last look. */
export interface OutcomeCounts {
  readonly started: number;
  readonly done: number;
  /** By `<kind of flow>: <failure>`: those that something done to the phone explains. */
  readonly explained: Readonly<Record<string, number>>;
  /** The same without an explanation: there must be none. */
  readonly unexplained: Readonly<Record<string, number>>;
  /** Of flows that are quick by nature, from start to end, in milliseconds; `null` without any. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/** Counts flows by what became of them. */
export class Outcomes {
  #started = 0;
  #done = 0;
  #explained = new Map<string, number>();
  #unexplained = new Map<string, number>();
  #latencies: number[] = [];
  #measured = 0;
  /** Over all intervals. */
  readonly total = { started: 0, done: 0, explained: 0, unexplained: 0 };

  started(): void {
    this.#started += 1;
    this.total.started += 1;
  }

  /** @param quickMs How long a quick flow took; `null` for others */
  done(quickMs: number | null): void {
    this.#done += 1;
    this.total.done += 1;
    if (quickMs === null) return;
    this.#latencies[this.#measured % KEPT] = quickMs;
    this.#measured += 1;
  }

  failed(what: string, explained: boolean): void {
    const counts = explained ? this.#explained : this.#unexplained;
    counts.set(what, (counts.get(what) ?? 0) + 1);
    if (explained) this.total.explained += 1;
    else this.total.unexplained += 1;
  }

  /** What happened since the last call. */
  take(): OutcomeCounts {
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    const quantile = (share: number): number | null => sorted[Math.floor(sorted.length * share)] ?? null;
    const counts = {
      started: this.#started,
      done: this.#done,
      explained: Object.fromEntries(this.#explained),
      unexplained: Object.fromEntries(this.#unexplained),
      p50Ms: quantile(0.5),
      p95Ms: quantile(0.95),
      p99Ms: quantile(0.99),
    };
    this.#started = 0;
    this.#done = 0;
    this.#explained = new Map();
    this.#unexplained = new Map();
    this.#latencies = [];
    this.#measured = 0;
    return counts;
  }
}
