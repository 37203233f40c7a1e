import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rotations } from './db/device-work-schema.ts';
import { insertConnection, insertDevice, insertRelay } from './db/test-rows.ts';
import { type Person, TestControl } from './testing/test-control.ts';
import { SERVER_VERSION } from './version.ts';

let control: TestControl;
let operator: Person;
let customer: Person;

beforeAll(async () => {
  control = await TestControl.start();
  [operator, customer] = [await control.person('operator'), await control.person('customer')];
});
afterAll(() => control.stop());

const get = (path: string, { token } = operator) => control.call('GET', path, undefined, { token });

describe('the state of the server', () => {
  test('tells staff what runs, how much room there is, and why OpenVPN is off', async () => {
    const relayId = await insertRelay(control.db, { vpnProblem: 'openvpn is missing (apt-get install)' });
    const device = await insertDevice(control.db, relayId);
    await insertConnection(control.db, device);
    await insertConnection(control.db, device);
    const dead = await insertRelay(control.db, { heartbeatAt: new Date(0), vpnPort: 1194 });
    const { status, body } = await get('/server');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ version: SERVER_VERSION, nodeVersion: process.versions.node, email: 'off' },
      databaseVersion: expect.stringMatching(/^\d+/),
      relays: expect.arrayContaining([
        expect.objectContaining({
          ...{ id: relayId, alive: true, usedPorts: 2, firstPort: 30_000, lastPort: 39_999 },
          openVpn: { state: 'off', port: null, reason: 'openvpn is missing (apt-get install)' },
        }),
        expect.objectContaining({
          ...{ id: dead, alive: false, usedPorts: 0 },
          openVpn: { state: 'on', port: 1194, reason: null },
        }),
      ]),
    });
  });

  test('is not for customers', async () => {
    expect((await get('/server', customer)).status).toBe(403);
  });
});

describe('the overview', () => {
  test('counts how rotations of today ended, to those who may see them', async () => {
    const device = await insertDevice(control.db, await insertRelay(control.db), {
      organizationId: customer.organizationId,
    });
    const ended = (status: 'succeeded' | 'unchanged' | 'failed', finishedAt = new Date()) => ({
      ...{ id: randomUUID(), organizationId: device.organizationId, deviceId: device.id },
      ...{ status, finishedAt, trigger: 'manual' as const },
    });
    await control.db
      .insert(rotations)
      .values([
        ended('succeeded'),
        ended('succeeded'),
        ended('unchanged'),
        ended('failed', new Date(Date.now() - 2 * 86_400_000)),
      ]);
    const expected = { succeeded: 2, unchanged: 1, failed: 0 };
    expect((await get('/stats/overview')).body.rotations).toEqual(expected);
    expect((await get('/stats/overview', customer)).body.rotations).toEqual(expected);
    const stranger = await control.person('customer');
    expect((await get('/stats/overview', stranger)).body.rotations.succeeded).toBe(0);
  });
});
