import ipaddr from 'ipaddr.js';
import type { Access, ProxyCredentials } from './ingress.ts';

/** What OpenVPN and the path of its traffic must agree on. */
export interface VpnNetwork {
  /** IPv4 network of the clients in CIDR notation, e.g. `10.66.0.0/16`. */
  readonly subnet: string;
  readonly netmask: string;
  /** The relay's own address in the subnet, its first one: resolver and gateway of every client. */
  readonly serverAddress: string;
  /**
   * The daemon's TUN interface; at most 15 bytes. Everything that comes from it is customers' traffic. No two relays of
   * a host share a subnet, so none share an interface.
   */
  readonly interface: string;
}

/** @throws when `subnet` is no IPv4 network */
export function vpnNetwork(subnet: string): VpnNetwork {
  const [network] = ipaddr.IPv4.parseCIDR(subnet);
  const bytes = network.toByteArray();
  const first = bytes.with(3, bytes[3]! + 1);
  return {
    subnet,
    netmask: ipaddr.IPv4.subnetMaskFromPrefixLength(Number(subnet.split('/')[1])).toString(),
    serverAddress: first.join('.'),
    interface: `pptun-${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`,
  };
}

/** Live VPN sessions by the address that their client has inside. */
export interface VpnSessions {
  /** Whom packets of this address stand for, or `null`: then nothing of them goes anywhere. */
  accessOf(address: string): Access | null;
  /**
   * Calls `listener` when a session ends, after `accessOf` has forgotten it: its flows end with it. The address is
   * given to another client later. Answers a function that stops it.
   */
  onEnd(listener: (address: string) => void): () => void;
}

/** A VPN client that logs in. */
export interface VpnLogin extends ProxyCredentials {
  /** Where it comes from on the internet. */
  readonly address: string;
}

/** A VPN client that was let in. */
export interface VpnAdmitted {
  readonly access: Access;
  /** Ends when the session ends by itself. */
  leave(): void;
}

/** Lets VPN clients in; implemented in `routing/`. */
export interface VpnAdmission {
  /**
   * Checks everything that a proxy port checks. `end` is called once when the client may not go on: its connection
   * was disabled, deleted, has expired or used up its quota, or what let it in does not hold any more.
   * @throws {FlowError} `auth_required`, `connection_disabled`, `connection_expired`, `quota_exceeded`,
   * `too_many_flows`, `device_offline`, `overloaded`
   */
  admit(login: VpnLogin, end: () => void): Promise<VpnAdmitted>;
  /** Whether a client that logs in anew, because its keys are renewed, is still who it was. */
  readmit(login: VpnLogin, access: Access): Promise<boolean>;
}

/** Answers DNS queries of VPN clients with what their phone's resolver says; implemented in `routing/`. */
export interface NameIngress {
  /**
   * Metered like a flow, and waits like one while the phone rotates.
   * @throws {FlowError} with the reason
   */
  query(access: Access, message: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
}

/** Whether OpenVPN takes clients on this relay, and if not, why. */
export type VpnStatus =
  | { readonly state: 'on'; readonly port: number }
  | { readonly state: 'off'; readonly reason: string };
