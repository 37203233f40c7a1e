/** Tables of what devices are asked to do and what became of it. */
import { sql } from 'drizzle-orm';
import {
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { organization } from './auth-schema.ts';
import { devices } from './schema.ts';

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

const organizationId = () =>
  text('organization_id')
    .notNull()
    .references(() => organization.id);
const deviceId = () =>
  uuid('device_id')
    .notNull()
    .references(() => devices.id, { onDelete: 'cascade' });

/** Orders to a device: wait in `pending` until it is online, and are carried out at most once. */
export const commands = pgTable(
  'commands',
  {
    id: uuid('id').primaryKey(),
    organizationId: organizationId(),
    deviceId: deviceId(),
    type: text('type').notNull(),
    params: jsonb('params').$type<Record<string, unknown>>().default({}).notNull(),
    status: text('status', { enum: ['pending', 'sent', 'succeeded', 'failed', 'expired'] })
      .default('pending')
      .notNull(),
    /** What the device answered, for people. */
    output: text('output'),
    /** Why it failed or expired. */
    reason: text('reason'),
    /** Id of the user, API key or rotation that asked for it. */
    requestedBy: text('requested_by'),
    createdAt: time('created_at').defaultNow().notNull(),
    sentAt: time('sent_at'),
    finishedAt: time('finished_at'),
    expiresAt: time('expires_at').notNull(),
  },
  (table) => [
    index('commands_device_id').on(table.deviceId, table.id),
    index('commands_open').on(table.deviceId, table.id).where(sql`status in ('pending', 'sent')`),
    index('commands_finished_at').on(table.finishedAt),
    index('commands_open_expiry').on(table.expiresAt).where(sql`status in ('pending', 'sent')`),
  ],
);

/** Getting a new address: one row per rotation, whatever became of it. */
export const rotations = pgTable(
  'rotations',
  {
    id: uuid('id').primaryKey(),
    organizationId: organizationId(),
    deviceId: deviceId(),
    status: text('status', { enum: ['queued', 'running', 'succeeded', 'unchanged', 'failed'] })
      .default('queued')
      .notNull(),
    /** Where it stands, or stood when it ended. */
    step: text('step', { enum: ['queued', 'radio', 'registering', 'observing', 'finished'] })
      .default('queued')
      .notNull(),
    trigger: text('trigger', { enum: ['manual', 'schedule', 'link', 'command'] }).notNull(),
    /** Radio cycles so far, the running one included. */
    attempt: smallint('attempt').default(0).notNull(),
    holdSeconds: smallint('hold_seconds'),
    oldIp: text('old_ip'),
    newIp: text('new_ip'),
    /** Code of why it failed or the address is the same. */
    reason: text('reason'),
    requestedBy: text('requested_by'),
    createdAt: time('created_at').defaultNow().notNull(),
    startedAt: time('started_at'),
    finishedAt: time('finished_at'),
    durationMs: integer('duration_ms'),
  },
  (table) => [
    // A second trigger finds the running rotation instead of starting another.
    uniqueIndex('rotations_active').on(table.deviceId).where(sql`status in ('queued', 'running')`),
    index('rotations_device_id').on(table.deviceId, table.id),
    index('rotations_organization_id').on(table.organizationId, table.id),
    index('rotations_finished_at').on(table.finishedAt),
  ],
);

/** Addresses that a device had, the last 50 of each. */
export const ipHistory = pgTable(
  'ip_history',
  {
    id: uuid('id').primaryKey(),
    organizationId: organizationId(),
    deviceId: deviceId(),
    ip: text('ip').notNull(),
    previousIp: text('previous_ip'),
    /** `natural`: the network changed it, nobody asked. */
    trigger: text('trigger', { enum: ['manual', 'schedule', 'link', 'command', 'natural'] }).notNull(),
    rotationId: uuid('rotation_id').references(() => rotations.id, { onDelete: 'set null' }),
    at: time('at').notNull(),
    /** How long the rotation took. */
    durationMs: integer('duration_ms'),
  },
  (table) => [
    index('ip_history_device_id').on(table.deviceId, table.at),
    // Forgetting a rotation looks for the addresses that name it.
    index('ip_history_rotation_id').on(table.rotationId),
  ],
);

/** Public addresses that rotate a device. */
export const rotationLinks = pgTable(
  'rotation_links',
  {
    id: uuid('id').primaryKey(),
    organizationId: organizationId(),
    deviceId: deviceId(),
    name: text('name').notNull(),
    /** Keyed hash of the token, which itself is kept nowhere. */
    tokenHash: text('token_hash').notNull().unique(),
    /** Its first characters, so that people can tell links apart. */
    tokenHint: text('token_hint').notNull(),
    minIntervalSeconds: integer('min_interval_seconds').default(0).notNull(),
    expiresAt: time('expires_at'),
    lastUsedAt: time('last_used_at'),
    createdBy: text('created_by'),
    createdAt: time('created_at').defaultNow().notNull(),
  },
  (table) => [
    index('rotation_links_organization_id').on(table.organizationId, table.id),
    index('rotation_links_device_id').on(table.deviceId),
  ],
);

/** Changes of a device's status; a segment lasts until the next row. */
export const deviceStatusLog = pgTable(
  'device_status_log',
  {
    deviceId: deviceId(),
    at: time('at').notNull(),
    status: text('status', { enum: ['online', 'reconnecting', 'offline'] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.deviceId, table.at] })],
);
