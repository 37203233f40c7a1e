import type { Access } from '../../domain/ingress.ts';
import type { VpnSessions } from '../../domain/vpn.ts';

/** Something of a client that ends with its session: a socket, an association, a question. */
export interface Ending {
  /** Ends it at once. May call `leave` of its client. */
  end(): void;
}

/** One live session, and everything that runs in it. */
export interface PathClient {
  readonly address: string;
  readonly access: Access;
  /** Of each kind apart, so that none can use up the room of another. */
  readonly sockets: Set<Ending>;
  readonly associations: Set<Ending>;
  readonly queries: Set<Ending>;
}

/** What runs for whom, so that it ends when a session ends. */
export class ClientTable {
  readonly #sessions: VpnSessions;
  readonly #clients = new Map<string, PathClient>();
  readonly #stopListening: () => void;

  constructor(sessions: VpnSessions) {
    this.#sessions = sessions;
    this.#stopListening = sessions.onEnd((address) => this.#end(address));
  }

  /** The client that has an address now; `null` when its packets are nobody's. */
  find(address: string): PathClient | null {
    const known = this.#clients.get(address);
    if (known) return known;
    const access = this.#sessions.accessOf(address);
    if (access === null) return null;
    const client: PathClient = {
      ...{ address, access },
      ...{ sockets: new Set(), associations: new Set(), queries: new Set() },
    };
    this.#clients.set(address, client);
    return client;
  }

  /** Ends everything of everybody, and follows sessions no more. */
  close(): void {
    this.#stopListening();
    for (const address of [...this.#clients.keys()]) this.#end(address);
  }

  #end(address: string): void {
    const client = this.#clients.get(address);
    if (!client) return;
    this.#clients.delete(address);
    for (const kind of [client.sockets, client.associations, client.queries]) {
      for (const ending of [...kind]) ending.end();
    }
  }
}
