/** Tables of who may do what without logging in, and of what everybody did. */
import { index, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { organization, user } from './auth-schema.ts';

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** Who was asked to become a user. better-auth's own table knows neither tokens nor people without an organization. */
export const invitations = pgTable(
  'invitations',
  {
    id: uuid('id').primaryKey(),
    email: text('email').notNull(),
    /** How the user will be called unless they say otherwise. */
    name: text('name'),
    role: text('role', { enum: ['admin', 'operator', 'customer'] }).notNull(),
    /** Of a customer; `null`: one of its own is made when it accepts. */
    organizationId: text('organization_id').references(() => organization.id, { onDelete: 'cascade' }),
    /** SHA-256 of the token in the link, which has 256 random bits and is kept nowhere. */
    tokenHash: text('token_hash').notNull().unique(),
    expiresAt: time('expires_at').notNull(),
    acceptedAt: time('accepted_at'),
    createdBy: text('created_by').references(() => user.id, { onDelete: 'set null' }),
    createdAt: time('created_at').defaultNow().notNull(),
  },
  (table) => [index('invitations_organization_id').on(table.organizationId)],
);

/** Bearer tokens of programs. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid('id').primaryKey(),
    organizationId: text('organization_id')
      .notNull()
      .references(() => organization.id, { onDelete: 'cascade' }),
    /** Whose key it is: it may never do more than this user. */
    userId: text('user_id')
      .notNull()
      .references(() => user.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    /** SHA-256 of the key, which has 256 random bits and is kept nowhere. */
    keyHash: text('key_hash').notNull().unique(),
    /** Its first characters, so that people can tell keys apart. */
    keyHint: text('key_hint').notNull(),
    /** Permissions, see `services/permissions.ts`. */
    scopes: text('scopes').array().notNull(),
    expiresAt: time('expires_at'),
    lastUsedAt: time('last_used_at'),
    createdAt: time('created_at').defaultNow().notNull(),
  },
  (table) => [
    index('api_keys_organization_id').on(table.organizationId, table.id),
    index('api_keys_user_id').on(table.userId),
  ],
);

/** Every change that a person or a program made, and every sign-in. Rows outlive what they are about. */
export const auditLog = pgTable(
  'audit_log',
  {
    id: uuid('id').primaryKey(),
    at: time('at').notNull(),
    /** Of what was changed. */
    organizationId: text('organization_id').notNull(),
    actorType: text('actor_type', {
      enum: ['user', 'api_key', 'link', 'command_line', 'system', 'anonymous'],
    }).notNull(),
    actorId: text('actor_id'),
    actorName: text('actor_name').notNull(),
    /** Address that the request came from. */
    address: text('address'),
    /** Such as `connection.update`. */
    action: text('action').notNull(),
    targetType: text('target_type').notNull(),
    targetId: text('target_id'),
    /** What was changed, without secrets; `null` for what did not exist. */
    before: jsonb('before').$type<Record<string, unknown>>(),
    after: jsonb('after').$type<Record<string, unknown>>(),
  },
  (table) => [
    index('audit_log_organization_id').on(table.organizationId, table.id),
    index('audit_log_target').on(table.targetType, table.targetId, table.id),
    index('audit_log_actor_id').on(table.actorId, table.id),
    index('audit_log_action').on(table.action, table.id),
    index('audit_log_at').on(table.at),
  ],
);
