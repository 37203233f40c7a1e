import { randomUUIDv7 } from 'node:crypto';
import type { PageQuery } from '@pocketproxy/protocol/api';
import { asc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import { organization } from '../db/auth-schema.ts';
import type { Db } from '../db/database.ts';
import { afterCursor, type Page, pageOf, type Scope } from '../db/scope.ts';
import { DEFAULT_ORGANIZATION, defaultOrganization, organizationExists } from '../db/user-rows.ts';
import { ServiceError } from './service-error.ts';

/** A tenant, and how much belongs to it. */
export type OrganizationRecord = Pick<typeof organization.$inferSelect, 'id' | 'name' | 'createdAt'> & {
  /** The operator's own. */
  readonly isDefault: boolean;
  readonly users: number;
  readonly devices: number;
  readonly connections: number;
  readonly invitations: number;
  readonly links: number;
  readonly channels: number;
};

// Spelled out, because a column alone would be taken for one of the inner table.
const count = (table: string, which = sql`true`): SQL<number> =>
  sql<number>`(select count(*)::int from ${sql.identifier(table)} owned
    where owned.organization_id = "organization"."id" and ${which})`;

/** Those that were accepted cannot be taken back, and go with the organization. */
const OPEN = sql`owned.accepted_at is null and owned.expires_at > now()`;

/** What stands in the way of deleting an organization, by the name that people know it by. */
const OWNED = {
  users: count('member'),
  devices: count('devices'),
  connections: count('connections'),
  invitations: count('invitations', OPEN),
  links: count('rotation_links'),
  channels: count('notification_channels'),
} as const;

/** What happened to devices and codes while they belonged to it; afterwards it is the operator's to know. */
const HISTORY = ['commands', 'rotations', 'ip_history', 'pairing_codes'] as const;

/** Tenants: each customer is one, and the operator is one. */
export class Organizations {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async list(page: PageQuery): Promise<Page<OrganizationRecord>> {
    const rows = await select(this.#db, afterCursor(page, organization.id))
      .orderBy(asc(organization.id))
      .limit(page.limit + 1);
    return pageOf(rows, page.limit, (row) => row.id);
  }

  /** @throws {ServiceError} `not_found` */
  get(id: string): Promise<OrganizationRecord> {
    return requireOrganization(this.#db, id);
  }

  /**
   * Checks that something may be given to an organization.
   * @throws {ServiceError} `forbidden` for a customer that names another than its own, `validation_failed`
   */
  async requireAssignable(scope: Scope, id: string | undefined): Promise<void> {
    if (id === undefined || id === scope.organizationId) return;
    if (scope.organizationId !== null) throw new ServiceError('forbidden');
    if (await organizationExists(this.#db, id)) return;
    const message = 'There is no such organization';
    const fields = [{ field: 'body.organizationId', message }];
    throw new ServiceError('validation_failed', message, { fields });
  }

  async create(name: string): Promise<OrganizationRecord> {
    const id = randomUUIDv7();
    await this.#db.insert(organization).values({ id, name, slug: `customer-${id}`, createdAt: new Date() });
    return await this.get(id);
  }

  /** @throws {ServiceError} `not_found` */
  async rename(id: string, name: string): Promise<OrganizationRecord> {
    const changed = await this.#db
      .update(organization)
      .set({ name })
      .where(eq(organization.id, id))
      .returning({ id: organization.id });
    if (changed.length === 0) throw notFound();
    return await this.get(id);
  }

  /** Deletes an organization that owns nothing. @throws {ServiceError} `not_found`, `organization_in_use` */
  async delete(id: string): Promise<OrganizationRecord> {
    return await this.#db.transaction(async (tx) => {
      // Whoever adds something for it locks its row for the foreign key, and so waits or is counted.
      await tx.select().from(organization).where(eq(organization.id, id)).for('update');
      const row = await requireOrganization(tx, id);
      if (row.isDefault) throw inUse('It is the operator’s own organization');
      const owned = (Object.keys(OWNED) as (keyof typeof OWNED)[]).filter((kind) => row[kind] > 0);
      if (owned.length > 0) throw inUse(`It owns ${owned.map((kind) => `${row[kind]} ${kind}`).join(', ')}`);
      const heir = await defaultOrganization(tx);
      for (const table of HISTORY) {
        await tx.execute(
          sql`update ${sql.identifier(table)} set organization_id = ${heir} where organization_id = ${id}`,
        );
      }
      await tx.delete(organization).where(eq(organization.id, id));
      return row;
    });
  }
}

function select(db: Pick<Db, 'select'>, condition: SQL | undefined) {
  const { id, name, createdAt } = getTableColumns(organization);
  const isDefault = sql<boolean>`slug = ${DEFAULT_ORGANIZATION}`;
  return db
    .select({ id, name, isDefault, createdAt, ...OWNED })
    .from(organization)
    .where(condition)
    .$dynamic();
}

async function requireOrganization(db: Pick<Db, 'select'>, id: string): Promise<OrganizationRecord> {
  const [row] = await select(db, eq(organization.id, id));
  if (!row) throw notFound();
  return row;
}

function notFound(): ServiceError {
  return new ServiceError('not_found', 'There is no such organization');
}

function inUse(detail: string): ServiceError {
  return new ServiceError('organization_in_use', detail);
}
