import type { Duplex } from 'node:stream';
import type { UdpDatagram } from '@pocketproxy/protocol';

/** User name and password as a client sent them. */
export interface ProxyCredentials {
  readonly username: string;
  readonly password: string;
}

/** Where a client came in. */
export interface ClientOrigin {
  /** The connection's port on the relay. */
  readonly port: number;
  /** The client's address without port; IPv4-mapped IPv6 is written as IPv4. */
  readonly address: string;
}

/** Proof that a client was authenticated for one connection. Only routing makes these. */
export interface Access {
  readonly connectionId: string;
  readonly connectionName: string;
  readonly deviceId: string;
}

/** A destination as the client named it: a host name or an IP literal (IPv6 without brackets). */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** One TCP stream through the phone. */
export interface Flow {
  /**
   * Joins the flow with the client's stream: both directions, half-close, errors, byte counts. Owns both from
   * here on. The promise never rejects; it resolves when both ends are closed.
   */
  join(client: Duplex): Promise<void>;
  /** The same flow as a stream for a protocol client such as `http.request`, metered like any other. */
  asStream(): Duplex;
  /** Gives the flow up before it was joined. */
  abandon(): void;
}

/** One SOCKS5 UDP association through the phone. */
export interface UdpAssociation {
  /** Sends one datagram; a datagram that finds the tunnel full is dropped and not counted, as UDP does. */
  send(datagram: UdpDatagram): void;
  close(): void;
  /** Resolves when the association is gone, whoever ended it. */
  readonly closed: Promise<void>;
}

/** What listeners need from routing: authenticate a client, then open flows for it. */
export interface Ingress {
  /**
   * Checks the allowlist and then the credentials. `null` means that the client sent none. Answers at once,
   * without a promise, whenever no slow hash has to run.
   * @throws {FlowError} `auth_required`
   */
  authenticate(origin: ClientOrigin, credentials: ProxyCredentials | null): Access | Promise<Access>;
  /**
   * Whether this client's address alone lets it in, so that SOCKS5 may offer "no authentication".
   */
  allowsWithoutPassword(origin: ClientOrigin): boolean;
  /**
   * Admits (enabled, expiry, quota, flow limit, phone online) and dials through the phone, when its rotation is over
   * if it rotates.
   * @throws {FlowError} with the reason
   */
  openFlow(access: Access, destination: Destination, signal?: AbortSignal): Promise<Flow>;
  /** @throws {FlowError} with the reason */
  openUdpAssociation(
    access: Access,
    onDatagram: (datagram: UdpDatagram) => void,
    signal?: AbortSignal,
  ): Promise<UdpAssociation>;
}
