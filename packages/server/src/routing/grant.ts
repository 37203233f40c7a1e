import type { Connection } from '../domain/connection.ts';
import type { Access } from '../domain/ingress.ts';

/** What let a client in. */
type Reason = { readonly credentialHash: string; readonly username: string } | { readonly address: string };

/**
 * How a client was let in, for the day on which the reason is gone: by the password of that moment, or by an address
 * that was on the allowlist.
 */
export class Grant implements Access {
  readonly connectionId: string;
  readonly connectionName: string;
  readonly deviceId: string;
  readonly #by: Reason;

  private constructor(connection: Connection, by: Reason) {
    this.connectionId = connection.id;
    this.connectionName = connection.name;
    this.deviceId = connection.deviceId;
    this.#by = by;
  }

  static byPassword(connection: Connection): Grant {
    const { credential, username } = connection;
    return new Grant(connection, { credentialHash: credential.hash, username });
  }

  static byAddress(connection: Connection, address: string): Grant {
    return new Grant(connection, { address });
  }

  /** Whether the same client would be let in under this row for the same reason. */
  holds(connection: Connection, allows: (address: string) => boolean): boolean {
    if (connection.deviceId !== this.deviceId) return false;
    if ('address' in this.#by) return allows(this.#by.address);
    const { credentialHash, username } = this.#by;
    return connection.credential.hash === credentialHash && connection.username === username;
  }
}
