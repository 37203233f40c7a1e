import {
  LIVE_CLOSE_CODES,
  LIVE_PROTOCOL,
  LIVE_TOKEN_PROTOCOL_PREFIX,
  type LiveEvent,
} from '@pocketproxy/protocol/api';

/** `connecting` is the first attempt, `reconnecting` every later one. */
export type LiveState = 'off' | 'connecting' | 'live' | 'reconnecting';

/** The part of a WebSocket that is used here. */
export interface LiveSocket {
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface LiveOptions {
  /** @throws when nobody is signed in any more, or the server cannot be reached */
  readonly token: () => Promise<string>;
  /** Makes the server's word on the token count: it said that it is not valid. */
  readonly renew: () => Promise<unknown>;
  readonly open: (path: string, protocols: string[]) => LiveSocket;
  readonly onEvent: (event: LiveEvent) => void;
  /** Events are lost: whatever was read may be old. */
  readonly onGap: () => void;
  readonly random: () => number;
  readonly setTimeout: (run: () => void, ms: number) => number;
  readonly clearTimeout: (timer: number) => void;
}

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 15_000;
/**
 * How often something is said. A connection whose server is gone, as after a computer has slept, looks like a quiet
 * one; what is sent on it is answered with a reset.
 */
const PROBE_EVERY_MS = 20_000;

/** The one WebSocket of this page. It comes back by itself, and asks for what it has missed. */
export class LiveConnection {
  readonly #options: LiveOptions;
  readonly #listeners = new Set<() => void>();
  #state: LiveState = 'off';
  #socket: LiveSocket | null = null;
  #timer: number | null = null;
  #probe: number | null = null;
  /** Grows with each start and stop, so that what belongs to an earlier one is recognised. */
  #run = 0;
  #failures = 0;
  #lastId: string | null = null;
  #wasLive = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Calls `listener` when `state` has changed. Answers a function that stops it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  start(): void {
    if (this.#state !== 'off') return;
    this.#run += 1;
    this.#failures = 0;
    this.#lastId = null;
    this.#wasLive = false;
    this.#become('connecting');
    void this.#connect(this.#run);
  }

  stop(): void {
    this.#run += 1;
    if (this.#timer !== null) this.#options.clearTimeout(this.#timer);
    this.#timer = null;
    this.#stopProbing();
    this.#socket?.close();
    this.#socket = null;
    this.#become('off');
  }

  /** Tries at once instead of after the delay, as when the network is back. */
  retryNow(): void {
    if (this.#timer === null) return;
    this.#options.clearTimeout(this.#timer);
    this.#timer = null;
    void this.#connect(this.#run);
  }

  async #connect(run: number): Promise<void> {
    const { token, open } = this.#options;
    const known = await token().catch(() => null);
    if (run !== this.#run) return;
    if (known === null) {
      this.#retry(run);
      return;
    }
    const since = this.#lastId === null ? '' : `?since=${encodeURIComponent(this.#lastId)}`;
    const socket = open(`/api/v1/live${since}`, [LIVE_PROTOCOL, `${LIVE_TOKEN_PROTOCOL_PREFIX}${known}`]);
    this.#socket = socket;
    socket.onmessage = ({ data }) =>
      run === this.#run && this.#receive(JSON.parse(String(data)) as LiveEvent);
    socket.onclose = ({ code }) => void this.#closed(run, code);
  }

  #receive(event: LiveEvent): void {
    if (event.type === 'live.ready') {
      this.#ready(event.id, event.data.resumed);
      return;
    }
    this.#lastId = event.id;
    this.#options.onEvent(event);
  }

  #ready(id: string, resumed: boolean): void {
    // What was missed comes after this: until it is here, it must be asked for again.
    if (!resumed) this.#lastId = id;
    // What was read while the first attempts failed is as old as after a connection that was lost.
    const gap = !resumed && (this.#wasLive || this.#failures > 0);
    this.#wasLive = true;
    this.#failures = 0;
    this.#become('live');
    this.#keepProbing();
    if (gap) this.#options.onGap();
  }

  #keepProbing(): void {
    this.#probe = this.#options.setTimeout(() => {
      this.#socket?.send('');
      this.#keepProbing();
    }, PROBE_EVERY_MS);
  }

  #stopProbing(): void {
    if (this.#probe !== null) this.#options.clearTimeout(this.#probe);
    this.#probe = null;
  }

  async #closed(run: number, code: number): Promise<void> {
    if (run !== this.#run) return;
    this.#socket = null;
    this.#stopProbing();
    this.#become('reconnecting');
    if (code === LIVE_CLOSE_CODES.unauthenticated) await this.#options.renew().catch(() => {});
    if (run === this.#run) this.#retry(run);
  }

  #retry(run: number): void {
    const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures);
    this.#failures += 1;
    if (this.#wasLive || this.#failures > 1) this.#become('reconnecting');
    this.#timer = this.#options.setTimeout(
      () => {
        this.#timer = null;
        void this.#connect(run);
      },
      ceiling / 2 + (this.#options.random() * ceiling) / 2,
    );
  }

  #become(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
