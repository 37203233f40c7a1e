import { randomBytes, randomUUID } from 'node:crypto';
import type { Telemetry } from '@pocketproxy/protocol';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PostgresConnectionStore } from './connection-store.ts';
import type { Db } from './database.ts';
import { PostgresDeviceStore } from './device-store.ts';
import { PostgresRelayStore } from './relay-store.ts';
import { connections, devices, pairingCodes } from './schema.ts';
import { startTestDatabase, type TestDatabase } from './test-database.ts';
import { insertConnection, insertDevice, insertRelay, TEST_ORGANIZATION } from './test-rows.ts';

let server: TestDatabase;
let db: Db;
const at = new Date('2026-03-01T10:20:30.000Z');

beforeAll(async () => {
  server = await startTestDatabase();
  db = server.database.db;
});
afterAll(() => server.stop());
beforeEach(async () => {
  await db.execute(sql`truncate relays, organization, usage_hourly cascade`);
});

const hex = () => randomBytes(32).toString('hex');

function claimOf(codeHash: string, keyFingerprint = hex()) {
  return { codeHash, keyFingerprint, platform: 'simulated', model: 'Test phone', agentVersion: '1', at };
}

async function insertCode(relayId: string, values: Partial<typeof pairingCodes.$inferInsert> = {}) {
  const codeHash = hex();
  const expiresAt = new Date(at.getTime() + 600_000);
  await db.insert(pairingCodes).values({
    ...{ id: randomUUID(), organizationId: TEST_ORGANIZATION, relayId, codeHash, expiresAt },
    ...values,
  });
  return codeHash;
}

describe('claiming a pairing code', () => {
  const store = () => new PostgresDeviceStore(db, randomUUID);

  test('makes a device with the code’s name, on the code’s relay', async () => {
    const relayId = await insertRelay(db);
    const claim = claimOf(await insertCode(relayId, { name: 'Berlin 1' }));
    const result = await store().claimPairingCode(claim);
    expect(result).toMatchObject({
      outcome: 'claimed',
      device: { name: 'Berlin 1', organizationId: TEST_ORGANIZATION, keyFingerprint: claim.keyFingerprint },
    });
    expect(await db.select().from(devices)).toMatchObject([{ relayId, platform: 'simulated' }]);
  });

  test('is won by exactly one of 100 that try at once', async () => {
    const codeHash = await insertCode(await insertRelay(db));
    const results = await Promise.all(
      Array.from({ length: 100 }, () => store().claimPairingCode(claimOf(codeHash))),
    );
    expect(results.filter((r) => r.outcome === 'claimed')).toHaveLength(1);
    expect(results.filter((r) => r.outcome === 'used')).toHaveLength(99);
    expect(await db.select().from(devices)).toHaveLength(1);
  });

  test('can be repeated by the same key, whose first answer may have been lost', async () => {
    const claim = claimOf(await insertCode(await insertRelay(db)));
    const first = await store().claimPairingCode(claim);
    expect(await store().claimPairingCode(claim)).toEqual(first);
    expect(await db.select().from(devices)).toHaveLength(1);
  });

  test('says why it failed', async () => {
    const relayId = await insertRelay(db);
    const expired = await insertCode(relayId, { expiresAt: at });
    expect(await store().claimPairingCode(claimOf(hex()))).toEqual({ outcome: 'invalid' });
    expect(await store().claimPairingCode(claimOf(expired))).toEqual({ outcome: 'expired' });
  });

  test('of an existing device replaces its key and keeps everything else', async () => {
    const relayId = await insertRelay(db);
    const device = await insertDevice(db, relayId);
    const oldKey = device.keyFingerprint;
    const connection = await insertConnection(db, device);
    const claim = claimOf(await insertCode(relayId, { deviceId: device.id }));
    const result = await store().claimPairingCode(claim);
    expect(result).toMatchObject({ outcome: 'claimed', device: { deviceId: device.id, name: device.name } });
    expect((await store().identity(device.id))?.keyFingerprint).toBe(claim.keyFingerprint);
    expect(claim.keyFingerprint).not.toBe(oldKey);
    expect(await db.select().from(connections)).toMatchObject([{ id: connection.id, port: connection.port }]);
  });

  test('with a key that was replaced since does not bring that key back', async () => {
    const relayId = await insertRelay(db);
    const first = claimOf(await insertCode(relayId));
    const paired = await store().claimPairingCode(first);
    const deviceId = paired.outcome === 'claimed' ? paired.device.deviceId : '';
    const second = claimOf(await insertCode(relayId, { deviceId }));
    await store().claimPairingCode(second);
    expect(await store().claimPairingCode(first)).toEqual({ outcome: 'used' });
    expect((await store().identity(deviceId))?.keyFingerprint).toBe(second.keyFingerprint);
  });
});

describe('the life of a device', () => {
  const store = () => new PostgresDeviceStore(db, randomUUID);
  const row = async () => (await db.select().from(devices))[0]!;

  test('an old relay that notices late does not disconnect a device that another relay has by now', async () => {
    const [one, two] = [await insertRelay(db), await insertRelay(db)];
    const { id } = await insertDevice(db, one);
    await store().markConnected(id, one, at);
    await store().markConnected(id, two, at);
    await store().markDisconnected(id, one, at);
    expect((await row()).connectedRelayId).toBe(two);
    await store().markDisconnected(id, two, at);
    expect((await row()).connectedRelayId).toBeNull();
  });

  test('a relay that starts anew has no connected devices and no open flows', async () => {
    const relayId = await insertRelay(db);
    const device = await insertDevice(db, relayId);
    await insertConnection(db, device, { openFlows: 4 });
    await store().markConnected(device.id, relayId, at);
    await new PostgresRelayStore(db).forgetLastRun(relayId);
    expect((await row()).connectedRelayId).toBeNull();
    expect(await db.select().from(connections)).toMatchObject([{ openFlows: 0 }]);
  });

  test('telemetry of many devices is kept, and a late heartbeat does not turn time back', async () => {
    const relayId = await insertRelay(db);
    const ids = [(await insertDevice(db, relayId)).id, (await insertDevice(db, relayId)).id];
    const telemetry: Telemetry = {
      type: 'telemetry',
      carrier: 'Test',
      networkType: 'LTE',
      signalDbm: -90,
      batteryPercent: 80,
      batteryCharging: true,
      egressAddress: '10.0.0.2',
      interfaces: null,
    };
    await store().recordTelemetry(ids.map((deviceId) => ({ deviceId, at, telemetry })));
    const late = new Date(at.getTime() - 5_000);
    await store().recordTelemetry([
      { deviceId: ids[0]!, at: late, telemetry: { ...telemetry, signalDbm: null } },
    ]);
    const rows = await db.select().from(devices).orderBy(devices.signalDbm);
    expect(rows).toMatchObject([
      { carrier: 'Test', signalDbm: -90, batteryCharging: true, lastSeenAt: at },
      { id: ids[0], signalDbm: null, lastSeenAt: at },
    ]);
  });
});

test('a relay sees its own connections only', async () => {
  const [one, two] = [await insertRelay(db), await insertRelay(db)];
  const mine = await insertConnection(db, await insertDevice(db, one, { allowPrivateDestinations: true }));
  const other = await insertConnection(db, await insertDevice(db, two));
  const store = new PostgresConnectionStore(db, one);
  expect(await store.all()).toMatchObject([
    { id: mine.id, port: mine.port, allowPrivateDestinations: true, version: 1 },
  ]);
  expect(await store.byId(other.id)).toBeNull();
  expect(await store.byId(mine.id)).toMatchObject({ credential: { scheme: 'hmac-sha256' } });
});
