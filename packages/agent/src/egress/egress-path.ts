/** `any` leaves the choice to the system; `null` says that the path has no such address. */
export type LocalAddress = string | 'any' | null;

/** The local addresses that customer traffic and its DNS are bound to. */
export interface EgressSource {
  readonly ipv4: LocalAddress;
  readonly ipv6: LocalAddress;
  /** What loopback destinations of IPv4 see, where that is not `ipv4`: on simulated networks. */
  readonly loopback?: string;
}

/** Which way customer traffic takes out of the device. */
export interface EgressPath {
  /** Whether everything leaves by one interface, the questions for names included. */
  readonly bound: boolean;
  /**
   * The addresses to bind now. A promise only while the path is being set up.
   * @throws {FlowError} egress_unavailable
   */
  source(): EgressSource | Promise<EgressSource>;
  /** The same, without waiting. @throws {FlowError} egress_unavailable, also while the path is being set up */
  sourceNow(): EgressSource;
  /** Calls `listener` after the addresses changed or went away. */
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

/** The system's own choice: for hosts that have one way out. */
export class DefaultRoutePath implements EgressPath {
  readonly bound = false;
  readonly #source: EgressSource = { ipv4: 'any', ipv6: 'any' };

  source(): EgressSource {
    return this.#source;
  }

  sourceNow(): EgressSource {
    return this.#source;
  }

  onChange(): void {}

  async close(): Promise<void> {}
}

/** What the kernel takes for loopback destinations by itself; binding to it would only use ports up. */
const LOOPBACK = '127.0.0.1';

/** The address to bind for a destination. */
export function localAddressFor(source: EgressSource, destination: string): LocalAddress {
  if (destination.includes(':')) return source.ipv6;
  if (source.loopback === undefined || !destination.startsWith('127.')) return source.ipv4;
  return source.loopback === LOOPBACK ? 'any' : source.loopback;
}

/** The value for a socket's `localAddress` option. */
export function bindAddress(local: LocalAddress): string | undefined {
  return local === null || local === 'any' ? undefined : local;
}
