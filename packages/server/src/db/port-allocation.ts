import { sql } from 'drizzle-orm';
import type { Db } from './database.ts';

/** Together with a relay's id it names the lock under which that relay's ports are given out. */
const PORT_LOCK = 7305521;

/**
 * The lowest port of a relay's range that no connection has, or `null`. Whoever asks in a transaction keeps others
 * from asking until it ends, so the answer cannot be given twice.
 */
export async function lowestFreePort(
  tx: Pick<Db, 'execute'>,
  relayId: string,
  avoid: readonly number[],
): Promise<number | null> {
  await tx.execute(sql`select pg_advisory_xact_lock(${PORT_LOCK}, hashtext(${relayId}))`);
  const [found] = await tx.execute<{ port: number }>(sql`
    select port from relays, generate_series(first_port, last_port) as port
    where relays.id = ${relayId}
      and not exists (select 1 from connections c where c.relay_id = relays.id and c.port = port.port)
      and port.port not in (select jsonb_array_elements_text(${JSON.stringify(avoid)}::jsonb)::int)
    order by port limit 1`);
  return found?.port ?? null;
}
