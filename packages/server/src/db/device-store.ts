import type { Hello } from '@pocketproxy/protocol';
import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { BusEvent } from '../domain/bus.ts';
import type { DeviceIdentity, DeviceStore, DeviceTelemetryRow, PairingClaim } from '../domain/stores.ts';
import type { Db } from './database.ts';
import { recordTelemetry } from './device-telemetry.ts';
import { rotations } from './device-work-schema.ts';
import { addAddress } from './ip-history.ts';
import { BUS_CHANNEL, notify } from './notify.ts';
import { claimPairingCode } from './pairing-claim.ts';
import { devices } from './schema.ts';

/** Devices as a relay sees them: who they are and how they fare. */
export class PostgresDeviceStore implements DeviceStore {
  readonly #db: Db;
  readonly #newId: () => string;

  constructor(db: Db, newId: () => string) {
    this.#db = db;
    this.#newId = newId;
  }

  async identity(deviceId: string): Promise<DeviceIdentity | null> {
    const [row] = await this.#db
      .select({
        deviceId: devices.id,
        organizationId: devices.organizationId,
        name: devices.name,
        keyFingerprint: devices.keyFingerprint,
      })
      .from(devices)
      .where(eq(devices.id, deviceId));
    return row ?? null;
  }

  async claimPairingCode(claim: Parameters<DeviceStore['claimPairingCode']>[0]): Promise<PairingClaim> {
    return await this.#db.transaction((tx) => claimPairingCode(tx, claim, this.#newId));
  }

  async markConnected(deviceId: string, relayId: string, at: Date): Promise<void> {
    await this.#change(
      sql`update devices set connected_relay_id = ${relayId}, last_seen_at = ${notBefore(at)} where id = ${deviceId}`,
      deviceId,
    );
  }

  async markDisconnected(deviceId: string, relayId: string, at: Date): Promise<void> {
    await this.#change(
      sql`update devices set connected_relay_id = null, last_seen_at = ${notBefore(at)}
        where id = ${deviceId} and connected_relay_id = ${relayId}`,
      deviceId,
    );
  }

  async recordTelemetry(rows: readonly DeviceTelemetryRow[]): Promise<void> {
    await recordTelemetry(this.#db, rows);
  }

  async recordHello(deviceId: string, hello: Hello): Promise<void> {
    await this.#db
      .update(devices)
      .set({
        agentVersion: hello.agentVersion,
        platform: hello.platform,
        model: hello.model,
        osVersion: hello.osVersion,
        capabilities: hello.capabilities,
        missingCapabilities: hello.missing,
      })
      .where(eq(devices.id, deviceId));
  }

  async recordExitIp(deviceId: string, exitIp: string, at: Date): Promise<void> {
    // Most times it is the same as before, which takes one statement.
    const same = await this.#db
      .update(devices)
      .set({ exitIpAt: at })
      .where(and(eq(devices.id, deviceId), eq(devices.exitIp, exitIp)))
      .returning({ id: devices.id });
    if (same.length > 0) return;
    await this.#db.transaction(async (tx) => {
      const [before] = await tx
        .select({ exitIp: devices.exitIp, organizationId: devices.organizationId })
        .from(devices)
        .where(eq(devices.id, deviceId))
        .for('no key update');
      if (!before) return;
      await tx.update(devices).set({ exitIp, exitIpAt: at }).where(eq(devices.id, deviceId));
      if (before.exitIp === exitIp) return;
      await notify(tx, [{ type: 'device.changed', id: deviceId }]);
      // While a rotation is under way, the address is its doing, and it says so when it is done.
      if (await isRotating(tx, deviceId)) return;
      await addAddress(tx, {
        ...{ id: this.#newId(), organizationId: before.organizationId, deviceId, at },
        ...{ ip: exitIp, previousIp: before.exitIp, trigger: 'natural' },
      });
    });
  }

  /** Changes a device and tells of it in one statement: thousands of devices come at once when their relay was away. */
  async #change(update: SQL, deviceId: string): Promise<void> {
    const event: BusEvent = { type: 'device.changed', id: deviceId };
    await this.#db.execute(sql`
      with changed as (${update} returning id)
      select pg_notify(${BUS_CHANNEL}, ${JSON.stringify(event)}) from changed`);
  }
}

async function isRotating(tx: Pick<Db, 'select'>, deviceId: string): Promise<boolean> {
  const active = await tx
    .select({ id: rotations.id })
    .from(rotations)
    .where(and(eq(rotations.deviceId, deviceId), sql`${rotations.status} in ('queued', 'running')`));
  return active.length > 0;
}

/** Reports may arrive late and out of order: the heartbeat never goes back. */
function notBefore(at: Date) {
  return sql`greatest(${devices.lastSeenAt}, ${at.toISOString()}::timestamptz)`;
}
