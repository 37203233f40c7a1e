import type { Clock, Logger, Timer } from '@pocketproxy/runtime';
import type { DeviceStore } from '../domain/stores.ts';

/** Behind a carrier's NAT an address changes without the phone seeing it, so it is looked at again and again. */
const INTERVAL_MS = 5 * 60_000;
/** Devices that connected together drift apart by this much of the interval, both ways. */
const JITTER = 0.2;
/** When a relay restarts, all its phones come back at once. */
const MAX_AT_ONCE = 32;

/** What can be asked for its exit address. */
export interface ExitAddressSource {
  readonly deviceId: string;
  exitIp(): Promise<string>;
}

export interface ExitAddressesOptions {
  readonly devices: Pick<DeviceStore, 'recordExitIp'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Observes the addresses with which devices leave, a bounded number at a time, and stores them. */
export class ExitAddresses {
  readonly #options: ExitAddressesOptions;
  readonly #waiting = new Set<ExitAddressSource>();
  #running = 0;

  constructor(options: ExitAddressesOptions) {
    this.#options = options;
  }

  /** Observes the session's device from time to time. Answers a function that stops it. */
  watch(session: ExitAddressSource): () => void {
    const { clock, random } = this.#options;
    let timer: Timer;
    const schedule = () => {
      const afterMs = INTERVAL_MS * (1 - JITTER + 2 * JITTER * random());
      timer = clock.setTimeout(() => {
        this.observe(session);
        schedule();
      }, afterMs);
    };
    schedule();
    return () => {
      timer.cancel();
      this.#waiting.delete(session);
    };
  }

  /** Observes it as soon as there is room. */
  observe(session: ExitAddressSource): void {
    this.#waiting.add(session);
    this.#startNext();
  }

  #startNext(): void {
    const [session] = this.#waiting;
    if (session === undefined || this.#running >= MAX_AT_ONCE) return;
    this.#waiting.delete(session);
    this.#running += 1;
    void this.#observe(session).finally(() => {
      this.#running -= 1;
      this.#startNext();
    });
  }

  async #observe(session: ExitAddressSource): Promise<void> {
    const { devices, clock, log } = this.#options;
    try {
      const exitIp = await session.exitIp();
      await devices.recordExitIp(session.deviceId, exitIp, new Date(clock.now()));
    } catch (error) {
      log.info({ err: error, deviceId: session.deviceId }, 'exit address not observed');
    }
  }
}
