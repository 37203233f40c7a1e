import type { CommandOutcome } from '@pocketproxy/protocol';
import { and, eq, gt, inArray, ne, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { CommandStore, OpenCommand } from '../domain/command-store.ts';
import type { Db } from './database.ts';
import { commands } from './device-work-schema.ts';
import { notify } from './notify.ts';

const OPEN = ['pending', 'sent'] as const;

/** Commands as relays deliver them. */
export class PostgresCommandStore implements CommandStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async next(deviceId: string, now: Date): Promise<OpenCommand | null> {
    const [row] = await this.#db
      .select({ id: commands.id, type: commands.type, params: commands.params })
      .from(commands)
      .where(
        and(
          eq(commands.deviceId, deviceId),
          // Written out, so that the partial index of open commands serves it.
          sql`${commands.status} in ('pending', 'sent')`,
          ne(commands.type, 'rotate_ip'),
          gt(commands.expiresAt, now),
        ),
      )
      .orderBy(commands.id)
      .limit(1);
    return row ?? null;
  }

  async markSent(id: string, at: Date): Promise<boolean> {
    return await this.#change(id, {
      status: 'sent',
      sentAt: sql`coalesce(${commands.sentAt}, ${at.toISOString()}::timestamptz)`,
    });
  }

  async finish(id: string, { status, reason, output }: CommandOutcome, at: Date): Promise<void> {
    await this.#change(id, { status, reason, output, finishedAt: at });
  }

  async #change(id: string, values: PgUpdateSetSource<typeof commands>): Promise<boolean> {
    return await this.#db.transaction(async (tx) => {
      const changed = await tx
        .update(commands)
        .set(values)
        .where(and(eq(commands.id, id), inArray(commands.status, OPEN)))
        .returning({ id: commands.id, deviceId: commands.deviceId });
      await notify(
        tx,
        changed.map((row) => ({ type: 'command.changed', ...row })),
      );
      return changed.length > 0;
    });
  }
}
