import { networkInterfaces } from 'node:os';
import { embeddedIpv4Addresses, FlowError, isLoopbackAddress, refusedReason } from '@pocketproxy/protocol';
import type { Clock } from '@pocketproxy/runtime';
import type { FlowPolicy } from './egress.ts';

/** Ports that no customer may dial: 25 is what gets a mobile address listed as a source of spam. */
export const DEFAULT_BLOCKED_PORTS: readonly number[] = [25];

export interface DestinationPolicyOptions {
  readonly clock: Clock;
  readonly blockedPorts: ReadonlySet<number>;
  /** Addresses of the relay, in canonical spelling. */
  readonly relayAddresses: () => ReadonlySet<string>;
  /** Addresses of this device, in canonical spelling. */
  readonly ownAddresses?: () => ReadonlySet<string>;
}

/** What customers may not reach from this device. */
export class DestinationPolicy {
  readonly #options: DestinationPolicyOptions;
  readonly #ownAddresses: () => ReadonlySet<string>;

  constructor(options: DestinationPolicyOptions) {
    this.#options = options;
    this.#ownAddresses = options.ownAddresses ?? cachedOwnAddresses(options.clock);
  }

  /** @throws {FlowError} destination_refused */
  checkPort(port: number): void {
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw refusal(`Port ${port} does not exist`);
    if (this.#options.blockedPorts.has(port)) throw refusal(`Port ${port} is not allowed`);
  }

  /**
   * Why `address`, in canonical spelling, may not be reached; `null` when it may.
   */
  refusedAddress(address: string, { allowPrivate }: FlowPolicy): string | null {
    const reason = refusedReason(address, { allowPrivate });
    if (reason) return reason;
    for (const spelling of [address, ...embeddedIpv4Addresses(address)]) {
      if (this.#isRelay(spelling)) return "the relay's own address";
      if (!allowPrivate && this.#ownAddresses().has(spelling)) return "the phone's own address";
    }
    return null;
  }

  #isRelay(address: string): boolean {
    // A relay on loopback is the one-machine quick start, whose destinations are on loopback too.
    return this.#options.relayAddresses().has(address) && !isLoopbackAddress(address);
  }

  /** @throws {FlowError} destination_refused */
  checkAddress(address: string, policy: FlowPolicy): void {
    const reason = this.refusedAddress(address, policy);
    if (reason) throw refusal(`Destination is ${reason}`);
  }
}

/** The refusal of a destination; `detail` is shown to the customer. */
export function refusal(detail: string): FlowError {
  return new FlowError('destination_refused', detail);
}

const OWN_ADDRESSES_MS = 2_000;

/** The addresses of this device: it may have a public one, mostly IPv6, and services that listen on it. */
export function cachedOwnAddresses(clock: Clock): () => ReadonlySet<string> {
  let addresses: ReadonlySet<string> = new Set();
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock.monotonic();
    if (now - readAt > OWN_ADDRESSES_MS) {
      readAt = now;
      const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
      addresses = new Set(all.map((one) => one.address));
    }
    return addresses;
  };
}
