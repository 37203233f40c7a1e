import type { Socket } from 'node:net';
import type { UdpDatagram } from '@pocketproxy/protocol';
import type { ByteCounts } from './socket-bytes.ts';

/** Where a customer wants to go: a host name or an IP literal (IPv6 with or without brackets). */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

export interface FlowPolicy {
  /** Lifts the refusal of private, loopback and link-local destinations for this flow. */
  readonly allowPrivate: boolean;
}

export interface ConnectOptions extends FlowPolicy {
  /** Ends the attempt; a socket that was already answered is no longer concerned. */
  readonly signal?: AbortSignal | undefined;
}

/** One UDP association towards the mobile network. */
export interface EgressUdp {
  /** Sends one datagram, or drops it, as UDP does: refused, unresolvable, or the mobile path is missing. */
  send(datagram: UdpDatagram): void;
  close(): void;
}

export type EgressState =
  | { readonly ready: true; readonly address: string | null }
  /** Customer traffic is refused; `reason` says why and what would help. */
  | { readonly ready: false; readonly reason: string };

/** How customers' traffic leaves the device: by the mobile path, or not at all. */
export interface Egress {
  /**
   * Opens a TCP connection. Names are resolved on the device and exactly a checked address is dialled. The socket
   * has `allowHalfOpen` and `noDelay` set and an error handler attached.
   * @throws {FlowError} name_not_found, dns_timeout, connection_refused, connection_reset, network_unreachable,
   *   host_unreachable, connect_timeout, destination_refused, egress_unavailable, overloaded
   */
  connect(destination: Destination, options: ConnectOptions): Promise<Socket>;
  /**
   * Opens a UDP association. Only datagrams of peers that it has sent to are handed on, with the peer's address.
   * @throws {FlowError} egress_unavailable
   */
  openUdp(options: FlowPolicy, onDatagram: (datagram: UdpDatagram) => void): EgressUdp;
  /**
   * Passes a DNS query to the device's own resolvers over the same path, and answers what they say.
   * @throws {FlowError} malformed_request, dns_timeout, egress_unavailable, overloaded
   */
  queryDns(message: Uint8Array): Promise<Uint8Array>;
  /**
   * The address that the relay's echo endpoint sees when it is called through this egress.
   * @throws {FlowError}
   */
  exitIp(): Promise<string>;
  state(): EgressState;
  /** Address that customer traffic leaves from, as this device knows it; `null` while there is none. */
  egressAddress(): string | null;
  /** What customers' flows have carried so far. */
  bytes(): ByteCounts;
  /** Resets all flows, because the address that they use is about to go. New ones may be opened. */
  endFlows(): void;
  /** Ends all flows, and undoes what was set up in the system. */
  close(): Promise<void>;
}
