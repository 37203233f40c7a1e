import { FlowError, GOAWAY_REASONS } from '@pocketproxy/protocol';
import { Backoff, type Clock, type Logger } from '@pocketproxy/runtime';
import type { RunningSessions, SessionOptions } from './session-options.ts';
import { openTunnel, type TunnelConnection } from './tunnel-connection.ts';

/** A relay that restarts is back in seconds: until then we ask often, later seldom. */
const EAGER_FOR_MS = 30_000;
const EAGER = { minMs: 100, maxMs: 2_000 };
const PATIENT = { minMs: 2_000, maxMs: 15_000 };
const DRAIN_MS = 2_000;

/** Keeps one tunnel session open: dials, serves, and dials again with backoff and jitter until stopped. */
export function startSessions(options: SessionOptions): RunningSessions {
  const keeper = new SessionKeeper(options);
  const finished = keeper.run();
  return {
    networkChanged: () => keeper.networkChanged(),
    stop: async () => {
      keeper.stop();
      await finished;
    },
  };
}

class SessionKeeper {
  readonly #options: SessionOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #dialling = new AbortController();
  #stopped = false;
  #connection: TunnelConnection | null = null;
  #wake: (() => void) | null = null;
  #dialSoon = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  async run(): Promise<void> {
    const eager = new Backoff(EAGER);
    const patient = new Backoff(PATIENT);
    let lostAt = this.#clock.monotonic();
    while (!this.#stopped) {
      const worthwhile = await this.#serveOnce();
      if (worthwhile || this.#dialSoon) {
        this.#dialSoon = false;
        eager.reset();
        patient.reset();
        lostAt = this.#clock.monotonic();
      }
      if (this.#stopped) break;
      const wait = this.#clock.monotonic() - lostAt < EAGER_FOR_MS ? eager.next() : patient.next();
      await this.#sleep(wait);
    }
  }

  networkChanged(): void {
    this.#connection?.networkChanged();
    // What is being dialled now may have lost its way, too: the next attempt comes soon.
    this.#dialSoon = true;
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#dialling.abort();
    this.#wake?.();
    this.#connection?.drain(DRAIN_MS);
  }

  /** One dial and, if it succeeds, one whole session. Answers whether there was a session that was worth something. */
  async #serveOnce(): Promise<boolean> {
    const { state, onRevoked } = this.#options;
    const relay = `${state.relayHost}:${state.relayPort}`;
    const startedAt = this.#clock.monotonic();
    try {
      this.#connection = await openTunnel(this.#options, this.#dialling.signal);
    } catch (error) {
      if (this.#stopped) return false;
      // A tunnel interface that is not there is no surprise, and needs no stack.
      const why = error instanceof FlowError ? { reason: error.detail } : { err: error };
      this.#log.warn({ ...why, relay }, 'relay not reached');
      return false;
    }
    if (this.#stopped) this.#connection.drain(0);
    this.#log.info({ relay }, 'tunnel open');
    const { reason } = await this.#connection.ended;
    this.#connection = null;
    this.#log.info({ reason }, 'tunnel closed');
    if (reason === GOAWAY_REASONS.revoked) {
      this.#stopped = true;
      onRevoked();
    }
    // A relay that accepts and drops at once must not be dialled in a tight loop.
    return this.#clock.monotonic() - startedAt > EAGER.maxMs;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      this.#wake = done;
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}
