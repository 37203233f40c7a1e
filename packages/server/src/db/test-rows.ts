import { randomBytes, randomUUID } from 'node:crypto';
import { organization } from './auth-schema.ts';
import type { Db } from './database.ts';
import { connections, devices, relays } from './schema.ts';

/** The organization that rows of tests belong to. */
export const TEST_ORGANIZATION = 'test-organization';

type DeviceRow = typeof devices.$inferSelect;

/** A relay that has just given a sign of life. */
export async function insertRelay(db: Db, values: Partial<typeof relays.$inferInsert> = {}): Promise<string> {
  await db
    .insert(organization)
    .values({ id: TEST_ORGANIZATION, name: 'Test', slug: TEST_ORGANIZATION, createdAt: new Date() })
    .onConflictDoNothing();
  const id = randomUUID();
  await db.insert(relays).values({
    ...{ id, publicHost: 'relay.example', tunnelPort: 7443, firstPort: 30000, lastPort: 39999 },
    ...{ caFingerprint: randomBytes(32).toString('hex'), heartbeatAt: new Date() },
    ...values,
  });
  return id;
}

export async function insertDevice(
  db: Db,
  relayId: string,
  values: Partial<typeof devices.$inferInsert> = {},
): Promise<DeviceRow> {
  const [row] = await db
    .insert(devices)
    .values({
      ...{
        id: randomUUID(),
        organizationId: TEST_ORGANIZATION,
        relayId,
        name: 'Phone',
        platform: 'simulated',
      },
      ...{ keyFingerprint: randomBytes(32).toString('hex'), agentVersion: '1' },
      ...values,
    })
    .returning();
  return row!;
}

let nextPort = 30_000;

export async function insertConnection(
  db: Db,
  device: DeviceRow,
  values: Partial<typeof connections.$inferInsert> = {},
) {
  const port = nextPort++;
  const [row] = await db
    .insert(connections)
    .values({
      ...{ id: randomUUID(), organizationId: device.organizationId, deviceId: device.id },
      ...{ relayId: device.relayId, name: 'Access', port, username: `user-${port}` },
      ...{ credentialScheme: 'hmac-sha256' as const, credentialHash: 'x', quotaPeriodStart: new Date() },
      ...values,
    })
    .returning();
  return row!;
}
