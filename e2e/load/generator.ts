import { setTimeout as delay } from 'node:timers/promises';
import type { Customer } from './customer.ts';
import { FLOW_KINDS, type FlowKind } from './flow-kinds.ts';
import { type FlowSurroundings, runFlow } from './run-flow.ts';

const TICK_MS = 20;
/** A tick that comes late starts what it has missed, but no more than this: the machine is at its end then. */
const MAX_PER_TICK = 200;
/** One customer of so many goes away in the middle of flows; of the others every byte is known. */
const ROUGH_EVERY = 10;

/** Starts flows at a steady rate, however many are open: customers do not wait for each other. */
export class Generator {
  /** Flows a second; may be changed at any time. */
  rate = 0;
  readonly #customers: readonly Customer[];
  readonly #rough: readonly Customer[];
  readonly #surroundings: FlowSurroundings;
  readonly #open = new Set<Promise<boolean>>();
  readonly #timer: NodeJS.Timeout;
  #lastTick = performance.now();
  #due = 0;

  constructor(customers: readonly Customer[], surroundings: FlowSurroundings) {
    this.#customers = customers;
    this.#rough = customers.filter((_, index) => index % ROUGH_EVERY === 0);
    this.#surroundings = surroundings;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Flows that have not ended. */
  get open(): number {
    return this.#open.size;
  }

  /** Starts none until `rate` is set again, and waits until all have ended. Answers whether they did in time. */
  async drain(withinMs: number): Promise<boolean> {
    this.rate = 0;
    const all = (async () => {
      while (this.#open.size > 0) await Promise.all(this.#open);
      return true;
    })();
    return await Promise.race([all, delay(withinMs, false, { ref: false })]);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    this.#due = Math.min(this.#due + ((now - this.#lastTick) / 1000) * this.rate, MAX_PER_TICK);
    this.#lastTick = now;
    for (; this.#due >= 1; this.#due -= 1) this.#start();
  }

  #start(): void {
    const { random } = this.#surroundings;
    const kind = drawKind(random());
    const from = kind.rough ? this.#rough : this.#customers;
    const customer = from[Math.floor(random() * from.length)]!;
    const flow = runFlow(kind, customer, this.#surroundings);
    this.#open.add(flow);
    void flow.then(() => this.#open.delete(flow));
  }
}

const WEIGHTS = FLOW_KINDS.reduce((sum, { weight }) => sum + weight, 0);

function drawKind(at: number): FlowKind {
  let left = at * WEIGHTS;
  for (const kind of FLOW_KINDS) {
    left -= kind.weight;
    if (left < 0) return kind;
  }
  return FLOW_KINDS[0]!;
}
