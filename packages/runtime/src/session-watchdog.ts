import type { Http2Session } from 'node:http2';
import type { Clock, Timer } from './clock.ts';

export interface WatchdogOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Called with each measured round trip in milliseconds. */
  readonly onRoundTrip: (ms: number) => void;
  /** Called once when a PING was not answered in time; must destroy session and socket. */
  readonly onDead: () => void;
}

/**
 * Pings an HTTP/2 session and reports when it no longer answers. Needed on both ends: a peer that vanished without
 * a FIN is otherwise noticed after many minutes, and Node's http2, after a protocol error of the peer, sends GOAWAY
 * and then emits neither `error` nor `close`.
 */
export class SessionWatchdog {
  readonly #session: Http2Session;
  readonly #options: WatchdogOptions;
  readonly #interval: Timer;
  #deadline: Timer | null = null;

  constructor(session: Http2Session, options: WatchdogOptions) {
    this.#session = session;
    this.#options = options;
    this.#interval = options.clock.setInterval(() => this.probe(), options.intervalMs);
    this.probe();
  }

  /** Pings now, with a shorter time limit if given; one PING is under way at a time. */
  probe(timeoutMs = this.#options.timeoutMs): void {
    const { clock, onRoundTrip } = this.#options;
    if (this.#deadline !== null) return;
    this.#deadline = clock.setTimeout(() => this.#expire(), timeoutMs);
    const startedAt = clock.monotonic();
    try {
      this.#session.ping((error) => {
        if (error) return;
        this.#deadline?.cancel();
        this.#deadline = null;
        onRoundTrip(clock.monotonic() - startedAt);
      });
    } catch {
      // The session is being destroyed; if it is not, the deadline will do it.
    }
  }

  stop(): void {
    this.#interval.cancel();
    this.#deadline?.cancel();
    this.#deadline = null;
  }

  #expire(): void {
    this.stop();
    this.#options.onDead();
  }
}
