import { and, eq, isNull, lte, or, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { rotationLinks } from './device-work-schema.ts';
import { devices } from './schema.ts';
import { afterCursor, inScope, type Page, type PageRequest, pageOf, type Scope } from './scope.ts';

export type RotationLinkRecord = typeof rotationLinks.$inferSelect;

export type NewRotationLink = Omit<typeof rotationLinks.$inferInsert, 'organizationId' | 'lastUsedAt'>;

/** Public addresses that rotate a device. */
export class RotationLinkRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** `null` when there is no such device. */
  async create(scope: Scope, values: NewRotationLink): Promise<RotationLinkRecord | null> {
    return await this.#db.transaction(async (tx) => {
      const [device] = await tx
        .select({ organizationId: devices.organizationId })
        .from(devices)
        .where(and(eq(devices.id, values.deviceId), inScope(scope, devices.organizationId)))
        .for('key share');
      if (!device) return null;
      const [made] = await tx
        .insert(rotationLinks)
        .values({ ...values, ...device })
        .returning();
      return made ?? null;
    });
  }

  async list(
    scope: Scope,
    page: PageRequest & { readonly deviceId?: string | undefined },
  ): Promise<Page<RotationLinkRecord>> {
    const rows = await this.#db
      .select()
      .from(rotationLinks)
      .where(
        and(
          inScope(scope, rotationLinks.organizationId),
          page.deviceId === undefined ? undefined : eq(rotationLinks.deviceId, page.deviceId),
          afterCursor(page, rotationLinks.id),
        ),
      )
      .orderBy(rotationLinks.id)
      .limit(page.limit + 1);
    return pageOf(rows, page.limit, (row) => row.id);
  }

  async byId(scope: Scope, id: string): Promise<RotationLinkRecord | null> {
    const [row] = await this.#db
      .select()
      .from(rotationLinks)
      .where(and(inScope(scope, rotationLinks.organizationId), eq(rotationLinks.id, id)));
    return row ?? null;
  }

  async byToken(tokenHash: string): Promise<RotationLinkRecord | null> {
    const [row] = await this.#db.select().from(rotationLinks).where(eq(rotationLinks.tokenHash, tokenHash));
    return row ?? null;
  }

  /** Notes a use, unless the link's own minimum interval is not over yet. `tx`: of the request for the rotation. */
  async use(tx: Pick<Db, 'update'>, id: string, now: Date): Promise<boolean> {
    const earliest = sql`${now.toISOString()}::timestamptz - make_interval(secs => ${rotationLinks.minIntervalSeconds})`;
    const used = await tx
      .update(rotationLinks)
      .set({ lastUsedAt: now })
      .where(
        and(
          eq(rotationLinks.id, id),
          or(isNull(rotationLinks.lastUsedAt), lte(rotationLinks.lastUsedAt, earliest)),
        ),
      )
      .returning({ id: rotationLinks.id });
    return used.length > 0;
  }

  /** Answers what was deleted. */
  async delete(scope: Scope, id: string): Promise<RotationLinkRecord | null> {
    const [gone] = await this.#db
      .delete(rotationLinks)
      .where(and(eq(rotationLinks.id, id), inScope(scope, rotationLinks.organizationId)))
      .returning();
    return gone ?? null;
  }
}
