import { and, desc, eq, gte, inArray, lt, sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import type { ChannelRecord } from './notification-channel-repository.ts';
import { notificationChannels, notificationDeliveries } from './notification-schema.ts';
import { notify } from './notify.ts';
import { beforeCursor, type Page, type PageRequest, pageOf } from './scope.ts';

export type DeliveryRecord = typeof notificationDeliveries.$inferSelect;

/** A message that this process has to send now. */
export interface ClaimedDelivery {
  /** `attempts` counts this one already. */
  readonly delivery: DeliveryRecord;
  readonly channel: ChannelRecord;
}

export interface ClaimOptions {
  readonly now: Date;
  /** Until when nobody else takes them, should this process not tell what became of them. */
  readonly leaseUntil: Date;
  readonly limit: number;
  /** Channels that this process is sending to. */
  readonly busyChannels: readonly string[];
}

/** What became of an attempt. */
export type AttemptOutcome =
  | { readonly status: 'delivered'; readonly at: Date }
  | { readonly status: 'pending'; readonly error: string; readonly nextAttemptAt: Date }
  | { readonly status: 'failed'; readonly error: string }
  /** It was broken off and did not count. */
  | { readonly status: 'released'; readonly at: Date };

/** Names one attempt: who lost the lease meanwhile changes nothing any more. */
type Attempt = Pick<DeliveryRecord, 'id' | 'attempts'>;

/** Messages on their way: a row is the message, its place in the queue and its history in one. */
export class NotificationDeliveryRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /**
   * Takes messages that are due, the oldest of each channel, and counts the attempt. Of several processes that ask at
   * once each gets other ones. One whose taker dies is due again when the lease is over.
   */
  async claim({ now, leaseUntil, limit, busyChannels }: ClaimOptions): Promise<ClaimedDelivery[]> {
    const at = sql`${now.toISOString()}::timestamptz`;
    const taken = await this.#db.execute<{ id: string }>(sql`
      with due as (
        select next.id from notification_channels c
        cross join lateral (
          select d.id, d.next_attempt_at from notification_deliveries d
          where d.channel_id = c.id and d.status = 'pending' and d.next_attempt_at <= ${at}
          order by d.next_attempt_at, d.id limit 1 for update skip locked
        ) next
        where c.enabled
          and c.id not in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(busyChannels)}::jsonb))
        order by next.next_attempt_at limit ${limit}
      )
      update notification_deliveries set
        attempts = attempts + 1, next_attempt_at = ${leaseUntil.toISOString()}::timestamptz
      from due where notification_deliveries.id = due.id
      returning notification_deliveries.id`);
    if (taken.length === 0) return [];
    return await this.#db
      .select({ delivery: notificationDeliveries, channel: notificationChannels })
      .from(notificationDeliveries)
      .innerJoin(notificationChannels, eq(notificationChannels.id, notificationDeliveries.channelId))
      .where(
        inArray(
          notificationDeliveries.id,
          taken.map(({ id }) => id),
        ),
      );
  }

  /** Writes what became of an attempt, and tells of it. */
  async finish({ id, attempts }: Attempt, outcome: AttemptOutcome): Promise<void> {
    const deliveries = notificationDeliveries;
    await this.#db.transaction(async (tx) => {
      const finished = await tx
        .update(deliveries)
        .set(valuesOf(outcome, attempts))
        .where(
          and(eq(deliveries.id, id), eq(deliveries.attempts, attempts), eq(deliveries.status, 'pending')),
        )
        .returning({ id: deliveries.id });
      await notify(
        tx,
        finished.map((row) => ({ type: 'notification.tried', ...row })),
      );
    });
  }

  /** Keeps a message that was sent without having been queued, and tells of it. */
  async record(delivery: typeof notificationDeliveries.$inferInsert): Promise<void> {
    await this.#db.transaction(async (tx) => {
      await tx.insert(notificationDeliveries).values(delivery);
      await notify(tx, [{ type: 'notification.tried', id: delivery.id }]);
    });
  }

  /** Those that still exist. */
  async byIds(ids: readonly string[]): Promise<DeliveryRecord[]> {
    if (ids.length === 0) return [];
    return await this.#db
      .select()
      .from(notificationDeliveries)
      .where(inArray(notificationDeliveries.id, [...ids]));
  }

  /** Messages to a channel since `since`, newest first. */
  async history(channelId: string, since: Date, page: PageRequest): Promise<Page<DeliveryRecord>> {
    const deliveries = notificationDeliveries;
    const rows = await this.#db
      .select()
      .from(deliveries)
      .where(
        and(
          eq(deliveries.channelId, channelId),
          gte(deliveries.createdAt, since),
          beforeCursor(page, deliveries.id),
        ),
      )
      .orderBy(desc(deliveries.id))
      .limit(page.limit + 1);
    return pageOf(rows, page.limit, (row) => row.id);
  }

  /** Forgets messages that were made before `before`; all of them have long been delivered or given up. */
  async prune(before: Date): Promise<void> {
    await this.#db.delete(notificationDeliveries).where(lt(notificationDeliveries.createdAt, before));
  }
}

function valuesOf(outcome: AttemptOutcome, attempts: number): Partial<DeliveryRecord> {
  switch (outcome.status) {
    case 'delivered':
      return { status: 'delivered', deliveredAt: outcome.at, nextAttemptAt: null };
    case 'pending':
      return { lastError: outcome.error, nextAttemptAt: outcome.nextAttemptAt };
    case 'failed':
      return { status: 'failed', lastError: outcome.error, nextAttemptAt: null };
    case 'released':
      return { attempts: attempts - 1, nextAttemptAt: outcome.at };
  }
}
