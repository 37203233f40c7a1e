import type { FlowErrorCode } from '@pocketproxy/protocol';
import type { RotationResult } from './rotation.ts';

/** What happens in a relay, counted. Every call is cheap and none fails. */
export interface RelayMetrics {
  /** A flow or association was opened. */
  flowOpened(kind: 'tcp' | 'udp'): void;
  /** A VPN client was let in. */
  vpnSessionOpened(): void;
  /** A flow, an association or a client was refused. */
  flowRefused(code: FlowErrorCode): void;
  /** Customers' bytes that were stored. */
  counted(bytesUp: number, bytesDown: number): void;
  rotationEnded(status: RotationResult['status'], reason: string | null): void;
}

/** What a relay has at the moment, asked for when somebody looks. */
export interface RelayGauges {
  /** Devices with a session. */
  sessions(): number;
  /** Open TCP flows and UDP associations. */
  flows(): number;
  /** VPN clients that are connected. */
  vpnSessions(): number;
}
