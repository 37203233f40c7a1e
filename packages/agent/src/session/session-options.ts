import type { Clock, Logger } from '@pocketproxy/runtime';
import type { Egress } from '../egress/egress.ts';
import type { SocketBytes } from '../egress/socket-bytes.ts';
import type { Platform } from '../platform/platform.ts';
import type { AgentIdentity } from '../state/identity.ts';
import type { OrderTaker } from './order-requests.ts';

/** What `session/run-session.ts` needs from the rest of the agent. */
export interface SessionOptions {
  readonly state: AgentIdentity;
  readonly egress: Egress;
  readonly platform: Platform;
  readonly orders: OrderTaker;
  readonly log: Logger;
  readonly clock: Clock;
  /**
   * Local address for dialling the relay over this IP version, when the tunnel is tied to an interface.
   * Rejects while that interface has no such address: the tunnel then waits, and never takes another way.
   */
  readonly tunnelLocalAddress?: ((family: 4 | 6) => Promise<string>) | undefined;
  /** Called with each address that the relay was reached at: customers may not dial it. */
  readonly onRelayAddress?: ((address: string) => void) | undefined;
  /** Counts what tunnels carry. */
  readonly tunnelBytes: SocketBytes;
  /** The relay no longer knows this device's key. Dialling again is pointless. */
  readonly onRevoked: () => void;
}

/** Sessions that dial, serve and dial again until they are stopped. */
export interface RunningSessions {
  /**
   * The device's network is another one, perhaps: a session whose address is gone ends, one that may be dead is
   * asked, and the relay is dialled at once.
   */
  networkChanged(): void;
  /** Ends all sessions and flows. */
  stop(): Promise<void>;
}
