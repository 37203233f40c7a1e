import type { Duplex } from 'node:stream';
import { FLOW_WINDOW_INITIAL, FLOW_WINDOW_MAX } from '@pocketproxy/protocol';
import { ReceiveWindow, WindowBudget } from './receive-window.ts';

/** A stream through the tunnel together with the window that bounds what is under way on it. */
export interface FlowStream {
  readonly stream: Duplex;
  readonly window: FlowWindow;
  /** Ends the stream at once; the peer sees a reset. */
  reset(): void;
  /**
   * Whether the stream was reset by either end, or lost with its session. Node emits `end` then too, so `end` is a
   * FIN only while this is false.
   */
  wasReset(): boolean;
}

/** What bounds a flow: how much may be sent now, and what our reader has taken. */
export interface FlowWindow {
  /** Bytes that may be written now. */
  readonly room: number;
  /** Notes that `bytes` were written; at most `room`. */
  sent(bytes: number): void;
  /** Calls `callback` once, when there is room again. */
  whenGranted(callback: () => void): void;
  /** Notes that our reader took `bytes`. */
  taken(bytes: number): void;
  /** Forgets the flow; call when its stream is closed. */
  release(): void;
}

/** The window of a stream that never leaves this process: its own buffers are bound enough. */
export const localWindow: FlowWindow = {
  room: Number.MAX_SAFE_INTEGER,
  sent() {},
  whenGranted() {},
  taken() {},
  release() {},
};

const GRANT_BYTES = 10;
const LIMIT_MODULUS = 2 ** 48;
const FIRST_ROUND_TRIPS = 5;

/**
 * Both windows of one flow: what we may send, and what we let the peer send. HTTP/2 gives all streams of a session
 * one window size and Node cannot change it for one stream, but a stalled flow must not hold what a fast flow
 * over a long round trip needs. So each flow has a limit of its own, in the manner of RFC 9000 section 4.1.
 */
class GrantedWindow implements FlowWindow {
  readonly streamId: number;
  readonly #channel: FlowControlChannel;
  #sent = 0;
  #sendLimit = FLOW_WINDOW_INITIAL;
  #onGrant: (() => void) | null = null;
  #taken = 0;
  #granted = FLOW_WINDOW_INITIAL;
  readonly #window: ReceiveWindow;
  #released = false;

  constructor(streamId: number, channel: FlowControlChannel, budget: WindowBudget) {
    this.streamId = streamId;
    this.#channel = channel;
    this.#window = new ReceiveWindow(budget);
  }

  get room(): number {
    return this.#sendLimit - this.#sent;
  }

  /** Bytes that the peer may send, or has sent, and that our reader has not taken. */
  get outstanding(): number {
    return this.#granted - this.#taken;
  }

  sent(bytes: number): void {
    this.#sent += bytes;
  }

  whenGranted(callback: () => void): void {
    this.#onGrant = callback;
  }

  /** Grants the peer more when a part of the window is used, so that the rest of it is always under way. */
  taken(bytes: number): void {
    if (this.#released) return;
    this.#taken += bytes;
    if (this.#granted - this.#taken > this.#window.bytes - this.#window.grantBytes) return;
    this.#window.adapt(this.#taken, performance.now(), this.#channel.roundTripMs);
    // A grant is never taken back, so a window that became narrower takes effect when the wider one is used up.
    if (this.#taken + this.#window.bytes <= this.#granted) return;
    const more = this.#taken + this.#window.bytes - this.#granted;
    this.#granted += more;
    this.#channel.grant(this.streamId, this.#granted, more);
  }

  /** The peer lets us send up to `limit` bytes (modulo 2^48) in all. */
  granted(limit: number): void {
    const ahead = (limit - (this.#sendLimit % LIMIT_MODULUS) + LIMIT_MODULUS) % LIMIT_MODULUS;
    // More than the largest window ahead is an old grant that was overtaken, or nonsense.
    if (ahead === 0 || ahead > 2 * FLOW_WINDOW_MAX) return;
    this.#sendLimit += ahead;
    const callback = this.#onGrant;
    this.#onGrant = null;
    callback?.();
  }

  release(): void {
    this.#onGrant = null;
    this.#released = true;
    this.#window.release();
    this.#channel.forget(this.streamId);
  }
}

/** The windows of one session, and the stream on which grants travel. The same class serves both ends. */
export class FlowControlChannel {
  readonly #windows = new Map<number, GrantedWindow>();
  readonly #budget = new WindowBudget();
  #stream: Duplex | null = null;
  #partial: Buffer = Buffer.alloc(0);
  /** Shortest round trip seen lately, in milliseconds. */
  roundTripMs = 1;
  #roundTrips = 0;
  /** Bytes that the peer was told it may send, on all flows so far. */
  grantedBytes = 0;

  /** Starts to use the `/flow-control` stream, once it is open. */
  attach(stream: Duplex): void {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    stream.on('close', () => {
      if (this.#stream === stream) this.#stream = null;
    });
  }

  /**
   * Takes in a measured round trip. Answers whether another one should be measured at once: the first ones wait for
   * programs that are still warming up.
   */
  noteRoundTrip(ms: number): boolean {
    this.#roundTrips += 1;
    // Under load a PING waits behind data, so the shortest counts; a slow upward drift follows a changed path.
    this.roundTripMs = this.#roundTrips === 1 ? ms : Math.min(ms, this.roundTripMs * 1.1);
    return this.#roundTrips < FIRST_ROUND_TRIPS;
  }

  /** Makes the window of a new stream. */
  open(streamId: number): FlowWindow {
    const window = new GrantedWindow(streamId, this, this.#budget);
    this.#windows.set(streamId, window);
    this.grantedBytes += FLOW_WINDOW_INITIAL;
    return window;
  }

  /** Of `grantedBytes`, what flows that are open have not taken. */
  get outstandingBytes(): number {
    let sum = 0;
    for (const { outstanding } of this.#windows.values()) sum += outstanding;
    return sum;
  }

  forget(streamId: number): void {
    this.#windows.delete(streamId);
  }

  /** Tells the peer that it may send up to `limit` bytes in all on a flow, which are `more` than it knew of. */
  grant(streamId: number, limit: number, more: number): void {
    this.grantedBytes += more;
    if (!this.#stream?.writable) return;
    const message = Buffer.allocUnsafe(GRANT_BYTES);
    message.writeUInt32BE(streamId, 0);
    message.writeUIntBE(limit % LIMIT_MODULUS, 4, 6);
    this.#stream.write(message);
  }

  #read(chunk: Buffer): void {
    const bytes = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk]);
    let at = 0;
    for (; at + GRANT_BYTES <= bytes.length; at += GRANT_BYTES) {
      this.#windows.get(bytes.readUInt32BE(at))?.granted(bytes.readUIntBE(at + 4, 6));
    }
    this.#partial = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
  }
}
