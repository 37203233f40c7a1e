import type { Duplex } from 'node:stream';
import { BufferGarbage } from './buffer-garbage.ts';
import type { FlowStream } from './flow-control.ts';
import { closeWhenWritten, resetPlain } from './plain-stream.ts';
import { type LimitedFlow, limitedPart, type RateLimit } from './rate-limit.ts';
import { ReadPace } from './read-pace.ts';

/** Byte counters that a bridge adds to while it runs. Up is from the plain stream into the tunnel. */
export interface ByteMeter {
  up: number;
  down: number;
}

/** What all flows of one customer may carry together. May change while they run. */
export interface FlowLimits {
  /** Bytes of both directions that may still pass; counted down by whoever carries them. */
  left: number;
  /** Called when nothing is left. Must abort the flows. */
  spent(): void;
  /** `null`: no limit. */
  readonly up: RateLimit | null;
  readonly down: RateLimit | null;
}

/** A running bridge. */
export interface Bridge {
  /** Bytes of both directions so far; stands still while the flow is idle. */
  readonly transferred: number;
  /** True once one direction has ended and the other has not. */
  readonly halfClosed: boolean;
  /** Resets both sides at once. */
  abort(): void;
}

/** A smaller piece is likely an answer or the end of one, which should not wait. */
const GATHER_FROM_BYTES = 8 * 1024;
/** Enough for one system call. */
const GATHER_UP_TO_BYTES = 64 * 1024;

/** As short as a timer can be: at 100 Mbit/s a socket gathers 12 KB and more meanwhile. */
const REST_MS = 1;

/** V8's heap belongs to the process, and so does this. */
const garbage = new BufferGarbage();

/**
 * Joins a plain stream (a socket) with a stream of the tunnel, for the whole program: backpressure both ways within
 * the flow's window, FIN as half-close, any other end as a reset of both sides, so that a cut transfer never looks
 * like a complete one. Owns both streams; calls `onClosed` once, when both are gone. What is over a limit of speed
 * stays in the stream that it came from, which then is not read.
 */
export function bridge(
  plain: Duplex,
  flow: FlowStream,
  meter: ByteMeter,
  onClosed: () => void,
  limits: FlowLimits | null = null,
): Bridge {
  const joint = new Joint(plain, flow, meter, onClosed, limits);
  joint.start();
  return joint;
}

class Joint implements Bridge {
  readonly #plain: Duplex;
  readonly #flow: FlowStream;
  readonly #meter: ByteMeter;
  readonly #onClosed: () => void;
  readonly #limits: FlowLimits | null;
  /** Made when there is a limit, which most flows never see. */
  #upTurn: LimitedFlow | null = null;
  #downTurn: LimitedFlow | null = null;
  /** What did not fit into the flow's window of a chunk that was read. */
  #held: Buffer | null = null;
  #plainEnded = false;
  #tunnelEnded = false;
  #open = 2;
  #aborted = false;
  #gathering = false;
  readonly #pace = new ReadPace();
  #resting = false;
  transferred = 0;

  constructor(
    plain: Duplex,
    flow: FlowStream,
    meter: ByteMeter,
    onClosed: () => void,
    limits: FlowLimits | null,
  ) {
    this.#plain = plain;
    this.#flow = flow;
    this.#meter = meter;
    this.#onClosed = onClosed;
    this.#limits = limits;
  }

  get halfClosed(): boolean {
    return this.#plainEnded !== this.#tunnelEnded;
  }

  start(): void {
    const plain = this.#plain;
    const tunnel = this.#flow.stream;
    // Errors end in `close`, which is where a reset is passed on; without a listener they would end the process.
    plain.on('error', ignore);
    tunnel.on('error', ignore);
    plain.on('close', () => this.#closed());
    tunnel.on('close', () => {
      this.#flow.window.release();
      // The destination sent all it had and then refused more: what it sent must still reach the client.
      if (this.#tunnelEnded && !this.#aborted) closeWhenWritten(plain);
      this.#closed();
    });
    // Either may have died before it came here.
    if (plain.destroyed || tunnel.destroyed) {
      this.#open -= Number(plain.closed) + Number(tunnel.closed);
      this.abort();
      if (this.#open === 0) this.#onClosed();
      return;
    }
    plain.on('data', (chunk: Buffer) => this.#fromPlain(chunk));
    plain.on('end', () => {
      this.#plainEnded = true;
      if (this.#held === null) tunnel.end();
    });
    plain.on('drain', () => this.#resumeTunnel());
    tunnel.on('data', (chunk: Buffer) => this.#fromTunnel(chunk));
    tunnel.on('end', () => {
      if (this.#flow.wasReset()) {
        this.abort();
        return;
      }
      this.#tunnelEnded = true;
      // FIN: the plain side may go on sending.
      plain.end();
    });
    tunnel.on('drain', () => this.#resumePlain());
    if (plain.readableEnded) {
      // It said all it had to say before it came here.
      this.#plainEnded = true;
      tunnel.end();
    }
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#held = null;
    resetPlain(this.#plain);
    this.#flow.reset();
  }

  // A stream that was destroyed may still hand out what it holds: hence `#aborted`.

  #fromPlain(chunk: Buffer): void {
    if (this.#aborted) return;
    const rate = this.#limits === null ? null : this.#limits.up;
    if (rate === null) {
      this.#sendUp(chunk);
      return;
    }
    this.#upTurn ??= { allowance: 0, waiting: false, resume: () => this.#resumePlain() };
    const part = limitedPart(this.#plain, rate, this.#upTurn, chunk);
    if (part !== null) this.#sendUp(part);
  }

  #fromTunnel(chunk: Buffer): void {
    if (this.#aborted) return;
    const rate = this.#limits === null ? null : this.#limits.down;
    if (rate === null) {
      this.#sendDown(chunk);
      return;
    }
    this.#downTurn ??= { allowance: 0, waiting: false, resume: () => this.#resumeTunnel() };
    const part = limitedPart(this.#flow.stream, rate, this.#downTurn, chunk);
    if (part !== null) this.#sendDown(part);
  }

  /** Counts what is about to pass. Answers false when that was too much, and this flow is gone. */
  #counted(bytes: number): boolean {
    this.transferred += bytes;
    garbage.add(bytes);
    if (this.#limits === null) return true;
    this.#limits.left -= bytes;
    if (this.#limits.left > 0) return true;
    this.#limits.spent();
    return !this.#aborted;
  }

  #sendUp(chunk: Buffer): void {
    const { window, stream } = this.#flow;
    const room = window.room;
    const part = chunk.length <= room ? chunk : chunk.subarray(0, room);
    window.sent(part.length);
    this.#meter.up += part.length;
    if (!this.#counted(part.length)) return;
    const writable = part.length === 0 || stream.write(part);
    if (this.#pace.restsAfter(part.length, performance.now()) && !this.#resting) this.#rest();
    if (chunk.length >= room) {
      this.#plain.pause();
      if (part.length < chunk.length) this.#held = chunk.subarray(part.length);
      window.whenGranted(() => this.#resumePlain());
    } else if (!writable) {
      this.#plain.pause();
    }
  }

  #rest(): void {
    this.#resting = true;
    this.#plain.pause();
    setTimeout(this.#rested, REST_MS);
  }

  readonly #rested = (): void => {
    this.#resting = false;
    this.#resumePlain();
  };

  /** The tunnel drained, or the window grew: sends what was held back, then reads on. */
  #resumePlain(): void {
    const { stream } = this.#flow;
    if (stream.destroyed) return;
    const held = this.#held;
    if (held !== null) {
      this.#held = null;
      this.#sendUp(held);
      if (this.#held !== null) return;
      if (this.#plainEnded) {
        stream.end();
        return;
      }
    }
    if (!this.#mayReadPlain()) return;
    // What came in the meantime, in one piece: it goes to `data` as everything does.
    const { readableLength, readableHighWaterMark } = this.#plain;
    if (readableLength > 0) this.#plain.read(Math.min(readableLength, readableHighWaterMark));
    if (this.#mayReadPlain()) this.#plain.resume();
  }

  #mayReadPlain(): boolean {
    const { window, stream } = this.#flow;
    const wanted = window.room > 0 && !stream.writableNeedDrain && this.#held === null;
    return wanted && !this.#resting && !this.#upTurn?.waiting && !this.#aborted;
  }

  #resumeTunnel(): void {
    if (!this.#plain.writableNeedDrain && !this.#downTurn?.waiting) this.#flow.stream.resume();
  }

  #sendDown(chunk: Buffer): void {
    this.#meter.down += chunk.length;
    if (!this.#counted(chunk.length)) return;
    if (chunk.length >= GATHER_FROM_BYTES) this.#gather();
    let writable = this.#plain.write(chunk);
    if (this.#gathering && this.#plain.writableLength >= GATHER_UP_TO_BYTES) {
      this.#flush();
      // What was only gathered is no sign of a slow reader.
      writable = this.#plain.writableLength < this.#plain.writableHighWaterMark;
    }
    if (!writable) this.#flow.stream.pause();
    this.#flow.window.taken(chunk.length);
  }

  /**
   * Collects what this turn of the event loop still brings, to write it by one system call: the tunnel delivers bulk
   * data in pieces of 16 KiB and less, several per read, because neither DATA frames nor TLS records are larger.
   */
  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.#plain.cork();
    setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    if (!this.#gathering) return;
    this.#gathering = false;
    this.#plain.uncork();
  };

  #closed(): void {
    this.#open -= 1;
    if (this.#upTurn !== null) this.#limits?.up?.leave(this.#upTurn);
    if (this.#downTurn !== null) this.#limits?.down?.leave(this.#downTurn);
    if (!this.#tunnelEnded || (this.#plain.closed && !this.#plainEnded)) this.abort();
    if (this.#open === 0) this.#onClosed();
  }
}

function ignore(): void {}
