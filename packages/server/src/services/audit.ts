import { randomUUIDv7 } from 'node:crypto';
import type { AuditLogQuery } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import { and, desc, eq, gte, inArray, lt } from 'drizzle-orm';
import { auditLog } from '../db/access-schema.ts';
import type { Db } from '../db/database.ts';
import { eventsAbout, notify } from '../db/notify.ts';
import { inScope, type Page, pageOf, type Scope } from '../db/scope.ts';
import type { Principal } from './permissions.ts';

export type AuditRecord = typeof auditLog.$inferSelect;

/** Who made a change. */
export interface AuditActor {
  readonly type: AuditRecord['actorType'];
  readonly id: string | null;
  /** As people know it: an e-mail address, the name of a key or of a link. */
  readonly name: string;
}

/** One change of one thing. Neither side holds a secret. */
export interface AuditEntry {
  readonly actor: AuditActor;
  /** Address that the request came from; `null` for the command line. */
  readonly address: string | null;
  /** Such as `connection.update`. */
  readonly action: string;
  readonly organizationId: string;
  readonly targetType: string;
  readonly targetId: string | null;
  /** `null` when it was made. */
  readonly before: object | null;
  /** `null` when it is gone. */
  readonly after: object | null;
}

/** People at a terminal of the server. */
export const COMMAND_LINE: AuditActor = { type: 'command_line', id: null, name: 'Command line' };

/** Whoever a request was authenticated as. */
export function actorOf({ userId, email, apiKey }: Principal): AuditActor {
  return apiKey === null
    ? { type: 'user', id: userId, name: email }
    : { type: 'api_key', id: apiKey.id, name: `${apiKey.name} (${email})` };
}

/** What everybody changed. Entries are never changed, and deleted only when they are old (`retention.ts`). */
export class AuditLog {
  readonly #db: Db;
  readonly #clock: Clock;

  constructor(db: Db, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Of a change, only the members that differ are kept. Every process hears of it. */
  async record(entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const at = new Date(this.#clock.now());
    const rows = entries.map(({ actor, before, after, ...entry }) => ({
      ...{ id: randomUUIDv7(), at, ...entry, ...differences(before, after) },
      ...{ actorType: actor.type, actorId: actor.id, actorName: actor.name },
    }));
    await this.#db.transaction(async (tx) => {
      await tx.insert(auditLog).values(rows);
      const ids = rows.map(({ id }) => id);
      await notify(tx, eventsAbout('audit.recorded', ids));
    });
  }

  /** Those that still exist, in the order in which they were made. */
  async byIds(ids: readonly string[]): Promise<AuditRecord[]> {
    if (ids.length === 0) return [];
    return await this.#db
      .select()
      .from(auditLog)
      .where(inArray(auditLog.id, [...ids]))
      .orderBy(auditLog.id);
  }

  /** Newest first. `from` is included, `to` is not. */
  async list(scope: Scope, query: AuditLogQuery): Promise<Page<AuditRecord>> {
    const { actor, targetType, targetId, action, from, to, cursor, limit } = query;
    const rows = await this.#db
      .select()
      .from(auditLog)
      .where(
        and(
          inScope(scope, auditLog.organizationId),
          actor === undefined ? undefined : eq(auditLog.actorId, actor),
          targetType === undefined ? undefined : eq(auditLog.targetType, targetType),
          targetId === undefined ? undefined : eq(auditLog.targetId, targetId),
          action === undefined ? undefined : eq(auditLog.action, action),
          from === undefined ? undefined : gte(auditLog.at, from),
          to === undefined ? undefined : lt(auditLog.at, to),
          cursor === undefined ? undefined : lt(auditLog.id, cursor),
        ),
      )
      .orderBy(desc(auditLog.id))
      .limit(limit + 1);
    return pageOf(rows, limit, (row) => row.id);
  }
}

type Fields = Record<string, unknown>;

/** Members that differ between two states of a thing; everything of one that was made or is gone. */
export function differences(
  before: object | null,
  after: object | null,
): { readonly before: Fields | null; readonly after: Fields | null } {
  if (before === null || after === null) return { before: before as Fields, after: after as Fields };
  const [old, now] = [before as Fields, after as Fields];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(
    (name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]),
  );
  const only = (fields: Fields) =>
    Object.fromEntries(names.filter((name) => name in fields).map((name) => [name, fields[name]]));
  return { before: only(old), after: only(now) };
}
