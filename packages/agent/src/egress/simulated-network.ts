import { FlowError } from '@pocketproxy/protocol';
import type { Clock, Timer } from '@pocketproxy/runtime';
import type { EgressPath, EgressSource } from './egress-path.ts';

/** What a simulated network is told to do wrong: see docs/operations.md. */
export const SIMULATED_FAULTS = ['off-fails', 'on-fails', 'same-address', 'no-network'] as const;
export type SimulatedFault = (typeof SIMULATED_FAULTS)[number];

export interface SimulatedNetworkOptions {
  /** The address of an earlier run, or `null`. */
  readonly address: string | null;
  /** Keeps a new address for the next run. */
  readonly remember: (address: string) => Promise<void>;
  /** Asked each time the radio is switched. */
  readonly faults: () => Promise<ReadonlySet<SimulatedFault>>;
  /** Whether every address of 127.0.0.0/8 is one of this host, as on Linux. */
  readonly wholeLoopback: boolean;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly clock: Clock;
}

/** What a loopback destination sees of a host that binds nothing. */
const FIRST_ADDRESS = '127.0.0.1';
const REGISTERS_WITHIN_MS = 300;

/**
 * A mobile network without a modem, for quick starts and tests. It has the whole of 127.0.0.0/8 to give: loopback
 * destinations see the address of the day, and all others the host's own.
 */
export class SimulatedNetwork implements EgressPath {
  readonly bound = false;
  readonly #options: SimulatedNetworkOptions;
  readonly #listeners: (() => void)[] = [];
  #address: string;
  #state: 'on' | 'off' | 'registering' | 'no network' = 'on';
  #registering: Timer | null = null;

  constructor(options: SimulatedNetworkOptions) {
    this.#options = options;
    this.#address = (options.wholeLoopback ? options.address : null) ?? FIRST_ADDRESS;
  }

  source(): EgressSource {
    return this.sourceNow();
  }

  sourceNow(): EgressSource {
    if (this.#state !== 'on') {
      throw new FlowError('egress_unavailable', `The simulated mobile network is ${this.#state}`);
    }
    return { ipv4: 'any', ipv6: 'any', loopback: this.#address };
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    this.#registering?.cancel();
  }

  /** Detaches from the network. Answers what there is to tell. @throws {Error} when it is told to fail */
  async off(): Promise<string> {
    if ((await this.#options.faults()).has('off-fails'))
      throw new Error('The simulated radio does not switch off');
    this.#registering?.cancel();
    this.#become('off');
    return 'Simulated radio is off';
  }

  /** Attaches to the network again, with another address. @throws {Error} when it is told to fail */
  async on(): Promise<string> {
    const faults = await this.#options.faults();
    if (faults.has('on-fails')) throw new Error('The simulated radio does not switch on');
    if (this.#state === 'on' || this.#state === 'registering') return 'Simulated radio is on';
    if (faults.has('no-network')) {
      this.#become('no network');
      return 'Simulated radio is on and finds no network';
    }
    if (this.#options.wholeLoopback && !faults.has('same-address')) {
      this.#address = this.#otherAddress();
      await this.#options.remember(this.#address);
    }
    this.#become('registering');
    this.#registering = this.#options.clock.setTimeout(() => this.#become('on'), REGISTERS_WITHIN_MS);
    return 'Simulated radio is on';
  }

  async status(): Promise<string> {
    return `Simulated radio: ${this.#state}`;
  }

  #become(state: 'on' | 'off' | 'registering' | 'no network'): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  /** Not of 127.0.0.0/16, where programs such as resolvers listen. */
  #otherAddress(): string {
    const number = (from: number, to: number) => from + Math.floor(this.#options.random() * (to - from + 1));
    for (;;) {
      const address = `127.${number(16, 254)}.${number(0, 255)}.${number(1, 254)}`;
      if (address !== this.#address) return address;
    }
  }
}
