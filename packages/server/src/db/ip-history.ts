import { sql } from 'drizzle-orm';
import type { Db } from './database.ts';
import { ipHistory } from './device-work-schema.ts';

/** Addresses that are kept of each device. */
const KEPT = 50;

export type NewAddress = Omit<typeof ipHistory.$inferInsert, 'ip'> & { readonly ip: string };

/** Adds an address that a device has now to its history, as part of the transaction that stores it. */
export async function addAddress(tx: Pick<Db, 'insert' | 'execute'>, address: NewAddress): Promise<void> {
  await tx.insert(ipHistory).values(address);
  await tx.execute(sql`
    delete from ip_history where device_id = ${address.deviceId} and id not in (
      select id from ip_history where device_id = ${address.deviceId} order by at desc, id desc limit ${KEPT})`);
}
