import { sql } from 'drizzle-orm';
import type { BusEvent } from '../domain/bus.ts';
import type { Db } from './database.ts';

/** The one channel that all events travel on. */
export const BUS_CHANNEL = 'pocketproxy';

/** A payload of NOTIFY holds less than 8,000 bytes, and an id has 36 characters. */
const IDS_PER_EVENT = 150;

type Executor = Pick<Db, 'execute'>;

/**
 * Publishes events as part of a transaction: they are sent when it commits, and not at all when it does not, so
 * no process hears of a change that it cannot read yet and no change goes untold.
 */
export async function notify(tx: Executor, events: readonly BusEvent[]): Promise<void> {
  if (events.length === 0) return;
  const payloads = JSON.stringify(events.map((event) => JSON.stringify(event)));
  await tx.execute(
    sql`select pg_notify(${BUS_CHANNEL}, payload) from jsonb_array_elements_text(${payloads}::jsonb) as payload`,
  );
}

/** As few events as possible that name all `ids`. */
export function eventsAbout(
  type: 'device.telemetry' | 'connection.usage' | 'audit.recorded',
  ids: readonly string[],
): BusEvent[] {
  const events: BusEvent[] = [];
  for (let at = 0; at < ids.length; at += IDS_PER_EVENT) {
    events.push({ type, ids: ids.slice(at, at + IDS_PER_EVENT) });
  }
  return events;
}
