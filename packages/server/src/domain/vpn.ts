import type { Access } from './ingress.ts';

/** What the daemon and the path of its traffic agree on. */
export interface VpnNetwork {
  /** The daemon's TUN interface; at most 15 bytes. Everything that comes from it is customers' traffic. */
  readonly interface: string;
  /** IPv4 network of the clients in CIDR notation. */
  readonly subnet: string;
  /** First address of the subnet: the only one that answers clients, with names (port 53) and the exit address. */
  readonly serverAddress: string;
}

/** What a VPN client logs in with. */
export interface VpnLogin {
  readonly username: string;
  readonly password: string;
  /** Where the client's packets come from, without port. */
  readonly address: string;
}

/** Decides who may have a VPN session; implemented by routing. */
export interface VpnAdmission {
  /**
   * Checks the login, and everything that a flow of the connection would be refused for now.
   * @throws {FlowError} with the reason that the client is shown
   */
  admit(login: VpnLogin): Promise<Access>;
}

/** Who has which address of the subnet now. An address has one session at a time. */
export interface VpnSessions {
  /** `null` when no session has the address: its packets are nobody's. */
  accessOf(address: string): Access | null;
  /**
   * Calls `listener` when the session of an address has ended, before the address is given to another one. Answers a
   * function that stops it.
   */
  onEnd(listener: (address: string) => void): () => void;
}
