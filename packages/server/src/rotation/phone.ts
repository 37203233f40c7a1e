import { type CommandOrder, type CommandOutcome, FlowError } from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import type { DeviceSessions, DeviceTunnel } from '../domain/device-tunnel.ts';
import { sleep } from './sleep.ts';

/** Between two tries that a session refused at once. */
const PAUSE_MS = 500;
/** A try to observe the address: the first packets on a new network are often lost, so a fresh try is worth more than patience. */
const OBSERVE_TRY_MS = 8_000;

/** Codes by which a tunnel says that it, and not the order, has failed. */
const WAY_LOST: readonly string[] = ['tunnel_lost', 'device_offline', 'connect_timeout'];

export interface PhoneOptions {
  readonly deviceId: string;
  readonly sessions: DeviceSessions;
  readonly clock: Clock;
  /** Ends all waiting: every method then throws the signal's reason. */
  readonly signal: AbortSignal;
}

/** One device across its sessions: what it is asked survives the loss of a tunnel. Deadlines are of `Clock.monotonic`. */
export class Phone {
  readonly #options: PhoneOptions;

  constructor(options: PhoneOptions) {
    this.#options = options;
  }

  /** Its session, as soon as it has one; `null` when it has none until the deadline. */
  async session(deadline: number): Promise<DeviceTunnel | null> {
    const { deviceId, sessions, clock, signal } = this.#options;
    signal.throwIfAborted();
    if (!sessions.has(deviceId)) {
      const arrived = new AbortController();
      const stop = sessions.onSession((id) => {
        if (id === deviceId) arrived.abort();
      });
      await sleep(clock, deadline - clock.monotonic(), AbortSignal.any([signal, arrived.signal]));
      stop();
      signal.throwIfAborted();
    }
    return sessions.has(deviceId) ? sessions.pick(deviceId) : null;
  }

  /**
   * Has an order carried out, asking again on the next session when one is lost. `onLost` is called each time.
   * Answers `lost` when the deadline passes without a session, `silent` when it passes with one.
   * @throws {FlowError} what the agent refused the order with
   */
  async order(
    id: string,
    order: CommandOrder,
    deadline: number,
    onLost: () => void,
  ): Promise<CommandOutcome | 'lost' | 'silent'> {
    const { clock, signal } = this.#options;
    for (;;) {
      const session = await this.session(deadline);
      if (session === null) return 'lost';
      if (clock.monotonic() >= deadline) return 'silent';
      try {
        return await session.order(id, order, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof FlowError) || !WAY_LOST.includes(error.code)) throw error;
        onLost();
        await this.#pause(deadline);
      }
    }
  }

  /**
   * Its address as the relay sees it now. Tries until the deadline; `lost` when there was no session in the end,
   * `unknown` when there was one.
   */
  async exitIp(deadline: number): Promise<{ readonly ip: string } | 'lost' | 'unknown'> {
    const { clock, signal } = this.#options;
    for (;;) {
      const session = await this.session(deadline);
      if (session === null) return 'lost';
      if (clock.monotonic() >= deadline) return 'unknown';
      const ip = await this.#tryExitIp(session, Math.min(OBSERVE_TRY_MS, deadline - clock.monotonic()));
      signal.throwIfAborted();
      if (ip !== null) return { ip };
      await this.#pause(deadline);
    }
  }

  async #tryExitIp(session: DeviceTunnel, withinMs: number): Promise<string | null> {
    const { clock, signal } = this.#options;
    const done = new AbortController();
    const late = sleep(clock, withinMs, AbortSignal.any([signal, done.signal])).then(() => null);
    const asked = session.exitIp().catch(() => null);
    const ip = await Promise.race([asked, late]);
    done.abort();
    return ip;
  }

  async #pause(deadline: number): Promise<void> {
    const { clock, signal } = this.#options;
    await sleep(clock, Math.min(PAUSE_MS, Math.max(0, deadline - clock.monotonic())), signal);
    signal.throwIfAborted();
  }
}
