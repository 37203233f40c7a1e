/** Tables of who is told of what, and what became of each message. */
import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, pgTable, smallint, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core';
import { organization } from './auth-schema.ts';

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

const organizationId = () =>
  text('organization_id')
    .notNull()
    .references(() => organization.id);

/** Where messages go. */
export const notificationChannels = pgTable(
  'notification_channels',
  {
    id: uuid('id').primaryKey(),
    organizationId: organizationId(),
    name: text('name').notNull(),
    type: text('type', { enum: ['email', 'webhook'] }).notNull(),
    /** An e-mail address or a URL. */
    target: text('target').notNull(),
    /** Key that webhook messages are signed with, encrypted with the server key. */
    secret: jsonb('secret').$type<{ iv: string; tag: string; data: string }>(),
    events: text('events').array().notNull(),
    enabled: boolean('enabled').default(true).notNull(),
    version: smallint('version').default(1).notNull(),
    createdAt: time('created_at').defaultNow().notNull(),
    updatedAt: time('updated_at').defaultNow().notNull(),
  },
  (table) => [index('notification_channels_organization_id').on(table.organizationId, table.id)],
);

/** One message to one channel. */
export const notificationDeliveries = pgTable(
  'notification_deliveries',
  {
    id: uuid('id').primaryKey(),
    organizationId: organizationId(),
    channelId: uuid('channel_id')
      .notNull()
      .references(() => notificationChannels.id, { onDelete: 'cascade' }),
    /** What happened, e.g. `device.offline`. */
    event: text('event').notNull(),
    /** The same for every process that notices the same thing: it is told once. */
    dedupeKey: text('dedupe_key').notNull(),
    payload: jsonb('payload').$type<Record<string, unknown>>().notNull(),
    status: text('status', { enum: ['pending', 'delivered', 'failed'] })
      .default('pending')
      .notNull(),
    attempts: smallint('attempts').default(0).notNull(),
    lastError: text('last_error'),
    createdAt: time('created_at').defaultNow().notNull(),
    nextAttemptAt: time('next_attempt_at'),
    deliveredAt: time('delivered_at'),
  },
  (table) => [
    unique('notification_deliveries_dedupe').on(table.channelId, table.dedupeKey),
    index('notification_deliveries_channel_id').on(table.channelId, table.id),
    // The queue of each channel.
    index('notification_deliveries_waiting')
      .on(table.channelId, table.nextAttemptAt, table.id)
      .where(sql`status = 'pending'`),
  ],
);
