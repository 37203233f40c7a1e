import type { Hello, Telemetry } from '@pocketproxy/protocol';
import type { Connection } from './connection.ts';
import type { VpnStatus } from './vpn.ts';

/** What the relay reads and writes; implemented in `db/`. All may reject when the database is away. */

export interface ConnectionStore {
  /** Every connection, for the relay's start and resync. */
  all(): Promise<Connection[]>;
  /** `null` when it was deleted. */
  byId(id: string): Promise<Connection | null>;
}

/** Bytes of one connection that may not be stored yet. Up is customer to destination. */
export interface CountedBytes {
  readonly connectionId: string;
  readonly organizationId: string;
  readonly deviceId: string;
  /** New bytes, if everything was stored that was said to be. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** All bytes of the connection's life, these included: what of them is stored already is not stored again. */
  readonly countedUp: number;
  readonly countedDown: number;
  /** How many of the new bytes belong to the quota period that began at `quotaPeriodStart`. */
  readonly quotaBytes: number;
  readonly quotaPeriodStart: Date;
}

/** What may not be stored yet of one connection. */
export interface UsagePortion extends CountedBytes {
  /** Flows that are open or being dialled now. */
  readonly openFlows: number;
}

export interface UsageStore {
  /**
   * Stores all portions in one transaction (hourly rows of `at`, running totals and open flows): all or none. May be called again
   * with what was stored although the answer was lost. One portion for each connection.
   */
  add(portions: readonly UsagePortion[], at: Date): Promise<void>;
}

export interface DeviceIdentity {
  readonly deviceId: string;
  readonly organizationId: string;
  readonly name: string;
  /** SHA-256 of the SubjectPublicKeyInfo that the device proved, lower-case hex. */
  readonly keyFingerprint: string;
}

export type PairingClaim =
  | { readonly outcome: 'claimed'; readonly device: DeviceIdentity }
  | { readonly outcome: 'invalid' | 'expired' | 'used' };

export interface DeviceStore {
  /** `null` when there is no such device or it is not paired. */
  identity(deviceId: string): Promise<DeviceIdentity | null>;
  /**
   * Spends a pairing code in one conditional UPDATE and creates the device, or gives an existing one the new key.
   * The same key may claim the same code again before it expires (its first answer may have been lost).
   * Publishes `device.revoked` when an existing device's key changed.
   */
  claimPairingCode(claim: {
    /** SHA-256 (hex) of `normalizePairingCode(code)` from @pocketproxy/protocol. */
    readonly codeHash: string;
    readonly keyFingerprint: string;
    readonly platform: string;
    readonly model: string | null;
    readonly agentVersion: string;
    readonly at: Date;
  }): Promise<PairingClaim>;
  /** The device has a live session on this relay. */
  markConnected(deviceId: string, relayId: string, at: Date): Promise<void>;
  /** Its last session on this relay ended. Changes nothing if another relay has the device by now. */
  markDisconnected(deviceId: string, relayId: string, at: Date): Promise<void>;
  /** Heartbeats and telemetry of many devices in one statement. */
  recordTelemetry(rows: readonly DeviceTelemetryRow[]): Promise<void>;
  recordHello(deviceId: string, hello: Hello): Promise<void>;
  /** Stores the observed address; one that no rotation brought goes into the history as a natural change. */
  recordExitIp(deviceId: string, exitIp: string, at: Date): Promise<void>;
}

export interface DeviceTelemetryRow {
  readonly deviceId: string;
  readonly at: Date;
  readonly telemetry: Telemetry;
}

/** What control must know of a relay to make pairing URLs and give out ports. */
export interface RelayRegistration {
  /** Stable for the life of its data directory. */
  readonly id: string;
  readonly publicHost: string;
  readonly tunnelPort: number;
  readonly portRange: { readonly first: number; readonly last: number };
  /** SHA-256 of its CA certificate, lower-case hex. */
  readonly caFingerprint: string;
  readonly at: Date;
}

export interface RelayStore {
  /**
   * Forgets the devices and flows that the relay's last run left open, as it does when it is killed. Before phones can
   * connect: one that is back already must not be forgotten with them.
   */
  forgetLastRun(id: string): Promise<void>;
  /** Registers this relay, or refreshes what is known of it. */
  register(relay: RelayRegistration): Promise<void>;
  heartbeat(id: string, at: Date): Promise<void>;
  /** Whether customers can use OpenVPN on this relay, and the CA certificate (PEM) that their clients need. */
  reportVpn(id: string, status: VpnStatus, caCertificate: string): Promise<void>;
}
