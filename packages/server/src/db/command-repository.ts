import type { CommandStatus } from '@pocketproxy/protocol/api';
import { and, desc, eq, gt, inArray, lte, type SQL } from 'drizzle-orm';
import type { Db } from './database.ts';
import { commands } from './device-work-schema.ts';
import { notify } from './notify.ts';
import { devices } from './schema.ts';
import { beforeCursor, inScope, type Page, type PageRequest, pageOf, type Scope } from './scope.ts';

export type CommandRecord = typeof commands.$inferSelect;

export type NewCommand = Pick<
  typeof commands.$inferInsert,
  'id' | 'deviceId' | 'type' | 'params' | 'requestedBy' | 'expiresAt'
> & { readonly createdAt: Date };

type Tx = Pick<Db, 'select' | 'insert' | 'execute'>;

/** Orders to devices as the control role sees them: it gives them, a relay delivers them. */
export class CommandRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Queues an order. Answers false when there is no such device. */
  async create(scope: Scope, values: NewCommand): Promise<boolean> {
    return await this.#db.transaction((tx) => insertCommand(tx, scope, values, 'pending'));
  }

  async byId(scope: Scope, id: string): Promise<CommandRecord | null> {
    const [row] = await this.#select(inScope(scope, commands.organizationId), eq(commands.id, id));
    return row ?? null;
  }

  /** Those that still exist. */
  async byIds(ids: readonly string[]): Promise<CommandRecord[]> {
    return ids.length === 0 ? [] : await this.#select(inArray(commands.id, [...ids]));
  }

  /** Newest first. */
  async ofDevice(
    scope: Scope,
    deviceId: string,
    page: PageRequest & { readonly status?: CommandStatus | undefined },
  ): Promise<Page<CommandRecord>> {
    const rows = await this.#select(
      inScope(scope, commands.organizationId),
      eq(commands.deviceId, deviceId),
      page.status === undefined ? undefined : eq(commands.status, page.status),
      beforeCursor(page, commands.id),
    )
      .orderBy(desc(commands.id))
      .limit(page.limit + 1);
    return pageOf(rows, page.limit, (row) => row.id);
  }

  /** Ends an order that no relay has taken yet. Answers `null` when there is none such. */
  async cancel(scope: Scope, id: string, at: Date): Promise<CommandRecord | null> {
    return await this.#db.transaction(async (tx) => {
      const [row] = await tx
        .update(commands)
        .set({ status: 'expired', reason: CANCELLED, finishedAt: at })
        .where(
          and(
            inScope(scope, commands.organizationId),
            eq(commands.id, id),
            eq(commands.status, 'pending'),
            // Told apart from what waited too long by having ended before that.
            gt(commands.expiresAt, at),
          ),
        )
        .returning();
      if (!row) return null;
      await notify(tx, [{ type: 'command.changed', id, deviceId: row.deviceId }]);
      return row;
    });
  }

  /** Ends what waited too long. Answers how many. */
  async expire(now: Date): Promise<number> {
    return await this.#db.transaction(async (tx) => {
      const due = await tx
        .select({ id: commands.id, status: commands.status })
        .from(commands)
        .where(and(inArray(commands.status, ['pending', 'sent']), lte(commands.expiresAt, now)))
        .orderBy(commands.id)
        .limit(1000)
        .for('update', { skipLocked: true });
      for (const status of ['pending', 'sent'] as const) {
        const ids = due.filter((row) => row.status === status).map(({ id }) => id);
        if (ids.length === 0) continue;
        const expired = await tx
          .update(commands)
          .set({ status: 'expired', reason: EXPIRED[status], finishedAt: now })
          .where(inArray(commands.id, ids))
          .returning({ id: commands.id, deviceId: commands.deviceId });
        await notify(
          tx,
          expired.map((row) => ({ type: 'command.changed', ...row })),
        );
      }
      return due.length;
    });
  }

  #select(...conditions: (SQL | undefined)[]) {
    return this.#db
      .select()
      .from(commands)
      .where(and(...conditions))
      .$dynamic();
  }
}

const CANCELLED = 'It was cancelled before the phone took it';
const EXPIRED = {
  pending: 'The phone did not come online in time',
  sent: 'The phone took the command and did not answer in time',
} as const;

/**
 * Makes the row as part of a larger transaction. `sent`: nobody has to deliver it, because what it asks for is under
 * way already. Answers false when there is no such device.
 */
export async function insertCommand(
  tx: Tx,
  scope: Scope,
  values: NewCommand,
  status: 'pending' | 'sent',
): Promise<boolean> {
  const [device] = await tx
    .select({ organizationId: devices.organizationId })
    .from(devices)
    .where(and(eq(devices.id, values.deviceId), inScope(scope, devices.organizationId)))
    .for('key share');
  if (!device) return false;
  await tx.insert(commands).values({
    ...values,
    ...device,
    status,
    sentAt: status === 'sent' ? values.createdAt : null,
  });
  await notify(tx, [{ type: 'command.changed', id: values.id, deviceId: values.deviceId }]);
  return true;
}
