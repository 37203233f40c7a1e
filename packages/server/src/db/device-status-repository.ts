import { OFFLINE_AFTER_MS } from '@pocketproxy/protocol';
import { and, asc, desc, eq, gt, lt, lte, type SQL, sql } from 'drizzle-orm';
import { RELAY_FRESH_MS } from '../domain/device-status.ts';
import type { LoggedStatus, StatusChange } from '../domain/status-change.ts';
import type { Db } from './database.ts';
import { deviceStatusLog } from './device-work-schema.ts';
import { devices } from './schema.ts';

type Tx = Pick<Db, 'execute'>;

/** Of which device something is told. */
export interface NoticedDevice {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
}

/** A device that got another status. */
export interface ChangedDevice extends NoticedDevice, StatusChange {
  /** When somebody was told that it is offline: since when it was, in milliseconds since the epoch. */
  readonly toldOfflineSince: number | null;
}

/** A device that is offline, of which nobody was told. */
export interface LostDevice extends NoticedDevice {
  /** Milliseconds since the epoch, like the other one. */
  readonly lastSeenAt: number;
  readonly offlineSince: number;
}

export interface OutdatedDevice extends NoticedDevice {
  readonly agentVersion: string;
}

/** At most so many are taken in one transaction, so that nobody waits long. */
export const STATUS_BATCH = 500;

/** `deviceStatus` of the domain in SQL; a test compares them. */
function derivedStatus(now: Date): SQL {
  const fresh = timestamp(now.getTime() - RELAY_FRESH_MS);
  const seen = timestamp(now.getTime() - OFFLINE_AFTER_MS);
  return sql`case when r.heartbeat_at > ${fresh} then 'online'
    when d.last_seen_at > ${seen} then 'reconnecting' else 'offline' end`;
}

/**
 * Writes the statuses that differ from the logged ones, at most 500, and answers what they were. Each change is
 * answered to one caller only, whatever number of processes asks. Rows that somebody writes now are left for the next
 * call.
 */
export async function takeStatusChanges(tx: Tx, now: Date): Promise<ChangedDevice[]> {
  const status = derivedStatus(now);
  return await tx.execute<ChangedDevice & Record<string, unknown>>(sql`
    with due as (
      select d.id, d.logged_status as before, ${status} as status, r.heartbeat_at, d.outage_told,
        (select max(at) from device_status_log l where l.device_id = d.id) as logged_at
      from devices d left join relays r on r.id = d.connected_relay_id
      where d.logged_status <> ${status}
      order by d.id limit ${STATUS_BATCH} for no key update of d skip locked
    )
    update devices set
      logged_status = due.status,
      outage_told = due.outage_told and due.status <> 'online',
      recovered_at = case
        -- The first time that it connects, it comes back from nowhere.
        when due.status = 'online' and due.logged_at is not null and (due.before = 'offline' or due.outage_told)
        then ${timestamp(now.getTime())} else recovered_at end
    from due where devices.id = due.id
    returning devices.id, organization_id as "organizationId", name, due.before, due.status,
      ${milliseconds(sql`last_seen_at`)} as "lastSeenAt", ${milliseconds(sql`due.heartbeat_at`)} as "relayHeartbeatAt",
      ${milliseconds(sql`due.logged_at`)} as "lastLoggedAt",
      case when due.outage_told then coalesce(
        ${milliseconds(sql`(select max(at) from device_status_log l where l.device_id = devices.id and l.status = 'offline')`)},
        ${milliseconds(sql`last_seen_at`)}) end as "toldOfflineSince"`);
}

/** Adds starts of segments to the log. */
export async function logStatuses(
  tx: Pick<Db, 'insert'>,
  rows: readonly (LoggedStatus & { readonly deviceId: string })[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.insert(deviceStatusLog).values(rows.map((row) => ({ ...row, at: new Date(row.at) })));
}

/** Which outages are told of. */
export interface OutageFilter {
  /** Not those of devices that came back after this. */
  readonly recoveredBefore: Date;
  /** Not those of devices that were last seen before this; `null`: those too. */
  readonly seenAfter: Date | null;
}

/** Marks devices that are offline as told of. Each outage is answered to one caller only. */
export async function takeUntoldOutages(
  tx: Tx,
  now: Date,
  { recoveredBefore, seenAfter }: OutageFilter,
): Promise<LostDevice[]> {
  const seen = seenAfter === null ? sql`is not null` : sql`> ${timestamp(seenAfter.getTime())}`;
  return await tx.execute<LostDevice & Record<string, unknown>>(sql`
    with due as (
      select d.id from devices d left join relays r on r.id = d.connected_relay_id
      where d.logged_status = 'offline' and not d.outage_told and d.last_seen_at ${seen}
        and (d.recovered_at is null or d.recovered_at <= ${timestamp(recoveredBefore.getTime())})
        and ${derivedStatus(now)} = 'offline'
      order by d.id limit ${STATUS_BATCH} for no key update of d skip locked
    )
    update devices set outage_told = true from due where devices.id = due.id
    returning devices.id, organization_id as "organizationId", name, ${milliseconds(sql`last_seen_at`)} as "lastSeenAt",
      coalesce(${milliseconds(sql`(select max(at) from device_status_log l where l.device_id = devices.id)`)},
        ${milliseconds(sql`last_seen_at`)} + ${OFFLINE_AFTER_MS}) as "offlineSince"`);
}

/** Versions of agents that nobody was told of as older than `serverVersion` yet. */
export async function untoldAgentVersions(db: Db, serverVersion: string): Promise<string[]> {
  const rows = await db
    .selectDistinct({ version: devices.agentVersion })
    .from(devices)
    .where(sql`${devices.outdatedToldFor} is distinct from ${serverVersion}`);
  return rows.map(({ version }) => version);
}

/** Marks devices with one of `versions` as told of. Each is answered to one caller only. */
export async function takeOutdated(
  tx: Tx,
  versions: readonly string[],
  serverVersion: string,
): Promise<OutdatedDevice[]> {
  return await tx.execute<OutdatedDevice & Record<string, unknown>>(sql`
    with due as (
      select id from devices
      where outdated_told_for is distinct from ${serverVersion}
        and agent_version in (select jsonb_array_elements_text(${JSON.stringify(versions)}::jsonb))
      order by id for no key update skip locked
    )
    update devices set outdated_told_for = ${serverVersion} from due where devices.id = due.id
    returning devices.id, organization_id as "organizationId", name, agent_version as "agentVersion"`);
}

/** What the log says of a device. */
export class DeviceStatusRepository {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Starts of segments in a range, oldest first, with the last one before it. */
  async starts(deviceId: string, from: Date, to: Date): Promise<LoggedStatus[]> {
    const log = deviceStatusLog;
    const ofDevice = eq(log.deviceId, deviceId);
    const [earlier, later] = await Promise.all([
      this.#db
        .select()
        .from(log)
        .where(and(ofDevice, lte(log.at, from)))
        .orderBy(desc(log.at))
        .limit(1),
      this.#db
        .select()
        .from(log)
        .where(and(ofDevice, gt(log.at, from), lt(log.at, to)))
        .orderBy(asc(log.at)),
    ]);
    return [...earlier, ...later].map(({ status, at }) => ({ status, at: at.getTime() }));
  }

  /** Forgets segments that ended before `before`. */
  async prune(before: Date): Promise<void> {
    const at = timestamp(before.getTime());
    await this.#db.execute(sql`
      delete from device_status_log l where at < ${at} and exists (
        select 1 from device_status_log n where n.device_id = l.device_id and n.at > l.at and n.at <= ${at})`);
  }
}

function timestamp(milliseconds: number): SQL {
  return sql`${new Date(milliseconds).toISOString()}::timestamptz`;
}

/** Milliseconds since the epoch: raw rows hold times as text otherwise. */
function milliseconds(time: SQL): SQL {
  return sql`(extract(epoch from ${time}) * 1000)::float8`;
}
