import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { notificationChannels, notificationDeliveries } from './notification-schema.ts';
import { afterCursor, inScope, type Page, type PageRequest, pageOf, type Scope } from './scope.ts';

export type ChannelRecord = typeof notificationChannels.$inferSelect;

/** A secret as it is stored: AES-256-GCM, each part as base64. */
export type SealedSecret = NonNullable<ChannelRecord['secret']>;

export type NewChannel = Omit<ChannelRecord, 'version' | 'createdAt' | 'updatedAt'>;

export type ChannelChanges = Partial<
  Pick<ChannelRecord, 'name' | 'target' | 'secret' | 'events' | 'enabled'>
>;

/** Where messages go, as people administer it. */
export class NotificationChannelRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async list(scope: Scope, page: PageRequest): Promise<Page<ChannelRecord>> {
    const channels = notificationChannels;
    const rows = await this.#db
      .select()
      .from(channels)
      .where(and(inScope(scope, channels.organizationId), afterCursor(page, channels.id)))
      .orderBy(channels.id)
      .limit(page.limit + 1);
    return pageOf(rows, page.limit, (row) => row.id);
  }

  async byId(scope: Scope, id: string): Promise<ChannelRecord | null> {
    const [row] = await this.#db.select().from(notificationChannels).where(this.#one(scope, id));
    return row ?? null;
  }

  async create(channel: NewChannel): Promise<ChannelRecord> {
    const [row] = await this.#db.insert(notificationChannels).values(channel).returning();
    return row!;
  }

  /**
   * With `expectedVersion` nothing is changed when it is another by now. What waits for a channel that is turned off
   * will not be sent.
   */
  async update(
    scope: Scope,
    id: string,
    changes: ChannelChanges,
    expectedVersion?: number,
  ): Promise<ChannelRecord | 'not_found' | 'stale'> {
    const channels = notificationChannels;
    return await this.#db.transaction(async (tx) => {
      const [row] = await tx
        .update(channels)
        .set({ ...changes, version: sql`${channels.version} + 1`, updatedAt: sql`now()` })
        .where(
          and(
            this.#one(scope, id),
            // As a number of any size: a client may send one that no channel can have.
            expectedVersion === undefined
              ? undefined
              : sql`${channels.version}::int = ${expectedVersion}::int`,
          ),
        )
        .returning();
      if (!row) return (await this.byId(scope, id)) ? 'stale' : 'not_found';
      if (changes.enabled === false) {
        await tx
          .update(notificationDeliveries)
          .set({ status: 'failed', nextAttemptAt: null, lastError: 'The channel was turned off' })
          .where(and(eq(notificationDeliveries.channelId, id), eq(notificationDeliveries.status, 'pending')));
      }
      return row;
    });
  }

  /** Deletes the channel with its history. Answers false when there is no such channel. */
  async delete(scope: Scope, id: string): Promise<boolean> {
    const gone = await this.#db
      .delete(notificationChannels)
      .where(this.#one(scope, id))
      .returning({ id: notificationChannels.id });
    return gone.length > 0;
  }

  #one(scope: Scope, id: string): SQL | undefined {
    return and(eq(notificationChannels.id, id), inScope(scope, notificationChannels.organizationId));
  }
}
