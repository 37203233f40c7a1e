import type { Readable, Writable } from 'node:stream';

interface Parcel {
  readonly due: number;
  /** `null` is the end of the stream. */
  readonly chunk: Buffer | null;
}

/**
 * What may be under way in one direction. 400 Mbit/s times 50 ms is 2.5 MB; more than that lets a fast sender fill
 * the line as a long cable would.
 */
const CAPACITY = 16 * 1024 * 1024;

/** What a link with a rate of its own holds beside what is under way: its queue. */
const LINK_QUEUE = 512 * 1024;

/** How long one direction is, and how wide. */
export interface DirectionShape {
  readonly oneWayMs: number;
  /** As wide as the machine allows when left out. */
  readonly bytesPerMs?: number | undefined;
}

/** Copies one direction of a connection, each chunk after the delay, with back-pressure. */
export class DelayedDirection {
  readonly #from: Readable;
  readonly #to: Writable;
  readonly #delayMs: number;
  readonly #bytesPerMs: number;
  readonly #capacity: number;
  /** When the link has sent what came to it so far. */
  #sentAt = 0;
  #queue: Parcel[] = [];
  #queued = 0;
  #timer: NodeJS.Timeout | null = null;
  #blocked = false;

  constructor(from: Readable, to: Writable, { oneWayMs, bytesPerMs }: DirectionShape) {
    this.#from = from;
    this.#to = to;
    this.#delayMs = oneWayMs;
    this.#bytesPerMs = bytesPerMs ?? Number.POSITIVE_INFINITY;
    this.#capacity = Math.min(CAPACITY, this.#bytesPerMs * oneWayMs + LINK_QUEUE);
    from.on('data', (chunk: Buffer) => this.#accept(chunk));
    from.once('end', () => this.#push(null));
    from.once('close', () => this.#stopWhenGone());
    to.on('drain', () => {
      this.#blocked = false;
      this.#deliver();
    });
    to.once('close', () => this.#stop());
  }

  #accept(chunk: Buffer): void {
    this.#queued += chunk.length;
    if (this.#queued > this.#capacity) this.#from.pause();
    this.#push(chunk);
  }

  #push(chunk: Buffer | null): void {
    this.#sentAt = Math.max(this.#sentAt, performance.now()) + (chunk?.length ?? 0) / this.#bytesPerMs;
    this.#queue.push({ due: this.#sentAt + this.#delayMs, chunk });
    this.#arm();
  }

  #arm(): void {
    const next = this.#queue[0];
    if (this.#timer || this.#blocked || !next) return;
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(0, next.due - performance.now()));
  }

  #onTimer(): void {
    this.#timer = null;
    this.#deliver();
  }

  #deliver(): void {
    // A timer fires up to a millisecond early.
    const now = performance.now() + 1;
    let done = 0;
    for (const { due, chunk } of this.#queue) {
      if (due > now || this.#blocked) break;
      done++;
      if (chunk === null) {
        this.#to.end();
        continue;
      }
      this.#queued -= chunk.length;
      if (!this.#to.write(chunk)) this.#blocked = true;
    }
    if (done > 0) this.#queue = this.#queue.slice(done);
    if (this.#queued <= this.#capacity) this.#from.resume();
    this.#arm();
  }

  /** A source that broke off says nothing more; what is under way still arrives. */
  #stopWhenGone(): void {
    if (this.#from.errored) this.#stop();
  }

  #stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#queue = [];
  }
}
