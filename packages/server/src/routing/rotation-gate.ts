import { FlowError } from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import type { RotationHold } from '../domain/rotation.ts';

/** Waiting flows of one device; each costs a client socket and a timer. */
const MAX_WAITING = 1_000;

interface Held {
  waitMs: number;
  readonly waiting: Set<() => void>;
}

/**
 * Holds the flows of devices that rotate: those under way are ended, because their path is gone and nothing may take
 * another; new ones wait until the device is back.
 */
export class RotationGate implements RotationHold {
  readonly #clock: Clock;
  readonly #endFlows: (deviceId: string) => void;
  readonly #held = new Map<string, Held>();

  /** @param endFlows ends every flow of a device, those that are being opened included */
  constructor(clock: Clock, endFlows: (deviceId: string) => void) {
    this.#clock = clock;
    this.#endFlows = endFlows;
  }

  hold(deviceId: string, waitMs: number): void {
    const held = this.#held.get(deviceId);
    if (held) held.waitMs = waitMs;
    else this.#held.set(deviceId, { waitMs, waiting: new Set() });
    this.#endFlows(deviceId);
  }

  release(deviceId: string): void {
    const held = this.#held.get(deviceId);
    if (!held) return;
    this.#held.delete(deviceId);
    for (const goOn of [...held.waiting]) goOn();
  }

  /** Whether new flows of the device have to wait. Asked for every flow, so it costs next to nothing. */
  isHeld(deviceId: string): boolean {
    return this.#held.size > 0 && this.#held.has(deviceId);
  }

  /**
   * Resolves when the device is back, or when `signal` aborts, which the caller has to look at.
   * @param since when the flow began to wait (`Clock.monotonic`): a second rotation does not begin its time anew
   * @throws {FlowError} `rotation_timeout`, or `overloaded` when too many flows of the device wait already
   */
  wait(deviceId: string, since: number, signal: AbortSignal): Promise<void> {
    const held = this.#held.get(deviceId);
    if (!held || signal.aborted) return Promise.resolve();
    if (held.waiting.size >= MAX_WAITING) {
      return Promise.reject(
        new FlowError('overloaded', 'Too many requests wait for the rotation of this phone'),
      );
    }
    return new Promise((resolve, reject) => {
      const settle = () => {
        timer.cancel();
        held.waiting.delete(goOn);
        signal.removeEventListener('abort', goOn);
      };
      const goOn = () => {
        settle();
        resolve();
      };
      const timeOut = () => {
        settle();
        reject(new FlowError('rotation_timeout'));
      };
      const leftMs = since + held.waitMs - this.#clock.monotonic();
      const timer = this.#clock.setTimeout(timeOut, Math.max(0, leftMs));
      held.waiting.add(goOn);
      signal.addEventListener('abort', goOn);
      if (leftMs <= 0) timeOut();
    });
  }
}
