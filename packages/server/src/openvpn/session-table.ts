import type { Access } from '../domain/ingress.ts';
import type { VpnSessions } from '../domain/vpn.ts';

/** Live sessions by address. Whoever is not in here gets nothing from the path of the traffic. */
export class SessionTable implements VpnSessions {
  readonly #byAddress = new Map<string, Access>();
  readonly #listeners = new Set<(address: string) => void>();

  get size(): number {
    return this.#byAddress.size;
  }

  accessOf(address: string): Access | null {
    return this.#byAddress.get(address) ?? null;
  }

  onEnd(listener: (address: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  begin(address: string, access: Access): void {
    this.#byAddress.set(address, access);
  }

  /** Ends the session of an address, if it has one. */
  end(address: string): void {
    if (!this.#byAddress.delete(address)) return;
    for (const listener of [...this.#listeners]) listener(address);
  }
}
