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

/** What a relay has too little of to take new work. */
export type RelayShortage = 'flows' | 'memory' | 'descriptors';

/** What a relay has at the moment, asked for when somebody looks. */
export interface RelayGauges {
  /** Devices with a session. */
  sessions(): number;
  /** Open TCP flows and UDP associations. */
  flows(): number;
  /** VPN clients that are connected. */
  vpnSessions(): number;
  /** How many flows may be open. */
  maxFlows(): number;
  /** Sockets of customers. */
  clients(): number;
  /** How many descriptors customers may have at the moment. */
  maxClients(): number;
  /** Memory that is needed, and how much of it makes the relay refuse new flows. Bytes. */
  memoryInUse(): number;
  maxMemory(): number;
  /** What there is too little of to take new work. */
  shortage(): RelayShortage | null;
}
