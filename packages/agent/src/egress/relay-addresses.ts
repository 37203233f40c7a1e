import { lookup } from 'node:dns/promises';
import { parseHostLiteral } from '@pocketproxy/protocol';
import type { Clock, Logger, Timer } from '@pocketproxy/runtime';

const LOOKUP_MS = 5 * 60_000;

/**
 * The addresses that the relay is known to have, so that customers cannot reach its services by way of the phone:
 * those of its name, by the system's resolver, and those that a tunnel was made to.
 */
export class RelayAddresses {
  readonly #host: string;
  readonly #log: Logger;
  readonly #timer: Timer;
  readonly #known = new Set<string>();

  constructor(host: string, clock: Clock, log: Logger) {
    this.#host = host;
    this.#log = log;
    this.#timer = clock.setInterval(() => void this.#lookUp(), LOOKUP_MS);
    void this.#lookUp();
  }

  get known(): ReadonlySet<string> {
    return this.#known;
  }

  /** Notes one more; it is never forgotten, a relay that moves is still ours. */
  add(address: string): void {
    const literal = parseHostLiteral(address);
    if (literal.kind === 'address') this.#known.add(literal.address);
  }

  close(): void {
    this.#timer.cancel();
  }

  async #lookUp(): Promise<void> {
    const literal = parseHostLiteral(this.#host);
    if (literal.kind === 'address') {
      this.#known.add(literal.address);
      return;
    }
    try {
      for (const { address } of await lookup(this.#host, { all: true })) this.add(address);
    } catch (error) {
      this.#log.debug({ err: error, host: this.#host }, "the relay's name could not be resolved");
    }
  }
}
