import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { organization, user } from './auth-schema.ts';

/** What a device cannot do yet, and the step that makes it possible. */
export interface MissingCapability {
  readonly name: string;
  readonly reason: string;
  readonly fix: string;
}

/** Bytes of the interfaces since the device started. */
export interface InterfaceCounters {
  readonly wifiUp: number | null;
  readonly wifiDown: number | null;
  readonly mobileUp: number | null;
  readonly mobileDown: number | null;
}

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
/** Exact up to 2^53: 9 petabytes. */
const bytes = (name: string) => bigint(name, { mode: 'number' });

/** One relay process. Rows are never deleted: devices and ports belong to a relay for life. */
export const relays = pgTable('relays', {
  id: uuid('id').primaryKey(),
  publicHost: text('public_host').notNull(),
  tunnelPort: integer('tunnel_port').notNull(),
  firstPort: integer('first_port').notNull(),
  lastPort: integer('last_port').notNull(),
  /** SHA-256 of its CA certificate, lower-case hex: goes into pairing URLs. */
  caFingerprint: text('ca_fingerprint').notNull(),
  /** Its CA certificate, PEM: goes into client files of OpenVPN. `null` until it has told. */
  caCertificate: text('ca_certificate'),
  /** UDP port of OpenVPN, `null` when it takes no clients. */
  vpnPort: integer('vpn_port'),
  /** Why it takes none. */
  vpnProblem: text('vpn_problem'),
  createdAt: time('created_at').defaultNow().notNull(),
  heartbeatAt: time('heartbeat_at').notNull(),
});

export const devices = pgTable(
  'devices',
  {
    id: uuid('id').primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organization.id),
    /** The relay that the device was paired with; its connections' ports are there. */
    relayId: uuid('relay_id')
      .notNull()
      .references(() => relays.id),
    name: text('name').notNull(),
    description: text('description').default('').notNull(),
    /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
    keyFingerprint: text('key_fingerprint').notNull(),
    platform: text('platform').notNull(),
    model: text('model'),
    osVersion: text('os_version'),
    agentVersion: text('agent_version').notNull(),
    capabilities: text('capabilities').array().default([]).notNull(),
    carrier: text('carrier'),
    networkType: text('network_type'),
    signalDbm: smallint('signal_dbm'),
    batteryPercent: smallint('battery_percent'),
    batteryCharging: boolean('battery_charging'),
    egressAddress: text('egress_address'),
    exitIp: text('exit_ip'),
    exitIpAt: time('exit_ip_at'),
    /** Last heartbeat. */
    lastSeenAt: time('last_seen_at'),
    /** Set while a relay has a live session of this device. */
    connectedRelayId: uuid('connected_relay_id').references(() => relays.id),
    /** What the agent says that this device cannot do, and how that is mended. */
    missingCapabilities: jsonb('missing_capabilities').$type<MissingCapability[]>().default([]).notNull(),
    /** Bytes of the device's network interfaces since it was paired, whatever restarted meanwhile. */
    wifiBytesUp: bytes('wifi_bytes_up').default(0).notNull(),
    wifiBytesDown: bytes('wifi_bytes_down').default(0).notNull(),
    mobileBytesUp: bytes('mobile_bytes_up').default(0).notNull(),
    mobileBytesDown: bytes('mobile_bytes_down').default(0).notNull(),
    /** The interfaces' own counters as last reported; they begin anew when the device restarts. */
    interfaceCounters: jsonb('interface_counters').$type<InterfaceCounters>(),
    autoRotateMinutes: integer('auto_rotate_minutes'),
    /** How much an automatic rotation may come early or late, in percent of the interval. */
    autoRotateJitterPercent: smallint('auto_rotate_jitter_percent').default(0).notNull(),
    nextRotationAt: time('next_rotation_at'),
    lastRotationAt: time('last_rotation_at'),
    /** For how long the radio stays off; `null`: as learned. */
    rotationHoldSeconds: smallint('rotation_hold_seconds'),
    learnedHoldSeconds: smallint('learned_hold_seconds'),
    /** Further attempts when the address did not change. */
    rotationRetries: smallint('rotation_retries').default(2).notNull(),
    rotationMinIntervalSeconds: integer('rotation_min_interval_seconds').default(0).notNull(),
    /** For how long new flows wait for a rotation to finish. */
    rotationWaitSeconds: smallint('rotation_wait_seconds').default(30).notNull(),
    /** A new address counts as new only if the device did not have it for this long. */
    rotationUniqueHours: smallint('rotation_unique_hours'),
    allowPrivateDestinations: boolean('allow_private_destinations').default(false).notNull(),
    /** As last written to the status log. */
    loggedStatus: text('logged_status', { enum: ['online', 'reconnecting', 'offline'] })
      .default('offline')
      .notNull(),
    /** Whether somebody was told that it is offline, and not yet that it is back. */
    outageTold: boolean('outage_told').default(false).notNull(),
    /** When it last came back from being offline. */
    recoveredAt: time('recovered_at'),
    /** Version of the server for which somebody was told that the agent is older. */
    outdatedToldFor: text('outdated_told_for'),
    /** Grows with every change that a person makes. */
    version: integer('version').default(1).notNull(),
    createdAt: time('created_at').defaultNow().notNull(),
    updatedAt: time('updated_at').defaultNow().notNull(),
  },
  (table) => [
    index('devices_organization_id').on(table.organizationId, table.id),
    index('devices_connected_relay_id').on(table.connectedRelayId),
    index('devices_next_rotation_at').on(table.nextRotationAt),
  ],
);

export const pairingCodes = pgTable(
  'pairing_codes',
  {
    id: uuid('id').primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organization.id),
    relayId: uuid('relay_id')
      .notNull()
      .references(() => relays.id),
    /** `hashPairingCode` of the code, which itself is kept nowhere. */
    codeHash: text('code_hash').notNull().unique(),
    /** Name for the new device; `null` lets the model decide. */
    name: text('name'),
    /** Re-pairs this device when set before the claim; set to the new device by the claim otherwise. */
    deviceId: uuid('device_id').references(() => devices.id, { onDelete: 'cascade' }),
    expiresAt: time('expires_at').notNull(),
    usedAt: time('used_at'),
    /** Key that claimed it: the same key may claim again. */
    usedBy: text('used_by'),
    createdBy: text('created_by').references(() => user.id, { onDelete: 'set null' }),
    createdAt: time('created_at').defaultNow().notNull(),
  },
  (table) => [
    index('pairing_codes_organization_id').on(table.organizationId, table.id),
    index('pairing_codes_device_id').on(table.deviceId),
  ],
);

export const connections = pgTable(
  'connections',
  {
    id: uuid('id').primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organization.id),
    deviceId: uuid('device_id')
      .notNull()
      .references(() => devices.id, { onDelete: 'cascade' }),
    relayId: uuid('relay_id')
      .notNull()
      .references(() => relays.id),
    name: text('name').notNull(),
    port: integer('port').notNull(),
    username: text('username').notNull().unique(),
    credentialScheme: text('credential_scheme', { enum: ['hmac-sha256', 'bcrypt'] }).notNull(),
    credentialHash: text('credential_hash').notNull(),
    enabled: boolean('enabled').default(true).notNull(),
    expiresAt: time('expires_at'),
    allowlist: text('allowlist').array().default([]).notNull(),
    quotaBytes: bytes('quota_bytes'),
    quotaPeriod: text('quota_period', { enum: ['total', 'day', 'month'] })
      .default('total')
      .notNull(),
    /** Day of the month (1 to 28) on which a monthly quota begins anew, at midnight UTC. */
    quotaResetDay: smallint('quota_reset_day').default(1).notNull(),
    /** Since when `usedBytes` counts: the start of the day or month (UTC), or a reset after it. */
    quotaPeriodStart: time('quota_period_start').notNull(),
    usedBytes: bytes('used_bytes').default(0).notNull(),
    /**
     * All that was ever counted. Only the connection's relay writes them, so it knows from a row which of its bytes
     * `usedBytes` includes, and storing the same bytes twice changes nothing.
     */
    countedUp: bytes('counted_up').default(0).notNull(),
    countedDown: bytes('counted_down').default(0).notNull(),
    /** As the connection's relay last told; a relay that is dead has none. */
    openFlows: integer('open_flows').default(0).notNull(),
    speedLimitMbps: integer('speed_limit_mbps'),
    maxFlows: integer('max_flows'),
    /** Percent of the quota that was told of in this period: 0, 80 or 100. */
    quotaNotifiedPercent: smallint('quota_notified_percent').default(0).notNull(),
    /** Grows with every change but usage. */
    version: integer('version').default(1).notNull(),
    createdAt: time('created_at').defaultNow().notNull(),
    updatedAt: time('updated_at').defaultNow().notNull(),
  },
  (table) => [
    unique('connections_relay_port').on(table.relayId, table.port),
    index('connections_organization_id').on(table.organizationId, table.id),
    index('connections_device_id').on(table.deviceId),
    check('connections_used_bytes', sql`${table.usedBytes} >= 0`),
  ],
);

/** Bytes by hour, for some months. Rows outlive their connection and device, so these references are not foreign keys. */
export const usageHourly = pgTable(
  'usage_hourly',
  {
    connectionId: uuid('connection_id').notNull(),
    hour: timestamp('hour', { withTimezone: true, precision: 0 }).notNull(),
    deviceId: uuid('device_id').notNull(),
    organizationId: text('organization_id').notNull(),
    bytesUp: bytes('bytes_up').default(0).notNull(),
    bytesDown: bytes('bytes_down').default(0).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.connectionId, table.hour] }),
    index('usage_hourly_hour').on(table.hour, table.organizationId),
    index('usage_hourly_device_id').on(table.deviceId, table.hour),
  ],
);

/** Bytes by day (UTC), written along with the hours and kept for longer: what charts of weeks and months read. */
export const usageDaily = pgTable(
  'usage_daily',
  {
    connectionId: uuid('connection_id').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    deviceId: uuid('device_id').notNull(),
    organizationId: text('organization_id').notNull(),
    bytesUp: bytes('bytes_up').default(0).notNull(),
    bytesDown: bytes('bytes_down').default(0).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.connectionId, table.day] }),
    index('usage_daily_device_id').on(table.deviceId, table.day),
    index('usage_daily_day').on(table.day, table.organizationId),
  ],
);

/** What all processes on this database share. */
export const settings = pgTable('settings', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
});

/** Answers of creating requests, for repeating them to a client that asks again with the same key. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** Keyed hash of user and Idempotency-Key. */
    keyHash: text('key_hash').primaryKey(),
    requestHash: text('request_hash').notNull(),
    /** `null` until the first request is done. */
    status: smallint('status'),
    /** The answer, encrypted with a key that only the client's Idempotency-Key gives. */
    answer: jsonb('answer').$type<{ iv: string; tag: string; data: string }>(),
    createdAt: time('created_at').defaultNow().notNull(),
  },
  (table) => [index('idempotency_keys_created_at').on(table.createdAt)],
);
