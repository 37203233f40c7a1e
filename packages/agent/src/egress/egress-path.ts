/** `any` leaves the choice to the system; `null` says that the path has no such address. */
export type LocalAddress = string | 'any' | null;

/** The local addresses that customer traffic and its DNS are bound to. */
export interface EgressSource {
  readonly ipv4: LocalAddress;
  readonly ipv6: LocalAddress;
}

/** Which way customer traffic takes out of the device. */
export interface EgressPath {
  /** Whether sockets are bound to addresses of one interface, so that they end with these addresses. */
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

/** The system's own choice: for hosts that have one way out, and for simulated phones. */
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

/** The value for a socket's `localAddress` option. */
export function bindAddress(local: LocalAddress): string | undefined {
  return local === null || local === 'any' ? undefined : local;
}
