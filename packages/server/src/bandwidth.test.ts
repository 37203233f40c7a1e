import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deviceMetrics } from './db/metrics-schema.ts';
import { usageDaily, usageHourly } from './db/schema.ts';
import { insertConnection, insertDevice, insertRelay } from './db/test-rows.ts';
import { type Person, TestControl } from './testing/test-control.ts';

let control: TestControl;
let operator: Person;
let stranger: Person;
let deviceId: string;
let path: string;
let foreignOrganization: string;

beforeAll(async () => {
  control = await TestControl.start();
  const { db } = control;
  const device = await insertDevice(db, await insertRelay(db));
  const connection = await insertConnection(db, device);
  [operator, stranger] = [await control.person('operator'), await control.person('customer')];
  deviceId = device.id;
  foreignOrganization = device.organizationId;
  path = `/connections/${connection.id}/bandwidth`;
  const owner = { connectionId: connection.id, deviceId, organizationId: device.organizationId };
  await db.insert(usageDaily).values([
    { ...owner, day: '2026-01-31', bytesUp: 5, bytesDown: 50 },
    { ...owner, day: '2026-05-01', bytesUp: 3, bytesDown: 30 },
  ]);
  await db.insert(usageHourly).values([
    { ...owner, hour: new Date('2026-05-01T10:00:00Z'), bytesUp: 1, bytesDown: 10 },
    { ...owner, hour: new Date('2026-05-01T11:00:00Z'), bytesUp: 2, bytesDown: 20 },
  ]);
});
afterAll(() => control.stop());

const RANGE = 'from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z';
const get = (url: string, token = operator.token) => control.call('GET', url, undefined, { token });

/** An answer as it is on the wire. */
function raw(url: string, headers = {}) {
  return control.app.inject({
    ...{ method: 'GET', url: `/api/v1${url}` },
    headers: { authorization: `Bearer ${operator.token}`, ...headers },
  });
}

describe('bandwidth', () => {
  test.each([
    ['2026-01-31T00:00:00.000Z', '2026-02-01T00:00:00Z', 1],
    ['2026-01-31T00:00:00.001Z', '2026-02-01T00:00:00Z', 0],
    ['2026-01-30T00:00:00Z', '2026-01-31T00:00:00.000Z', 0],
    ['2026-01-30T00:00:00Z', '2026-01-31T00:00:00.001Z', 1],
    ['2026-05-02T00:00:00Z', '9999-12-31T23:59:59.999Z', 0],
  ])('of days from %s to %s is that of those which begin in between', async (from, to, count) => {
    const { status, body } = await get(`${path}?granularity=day&from=${from}&to=${to}`);
    expect(status).toBe(200);
    expect(body.items).toHaveLength(count);
  });

  test.each([
    [
      'hour',
      [
        ['2026-05-01T10', 1, 10],
        ['2026-05-01T11', 2, 20],
      ],
    ],
    [
      'day',
      [
        ['2026-01-31T00', 5, 50],
        ['2026-05-01T00', 3, 30],
      ],
    ],
    [
      'month',
      [
        ['2026-01-01T00', 5, 50],
        ['2026-05-01T00', 3, 30],
      ],
    ],
  ] as const)(
    'is given by %s, of a connection, of its phone and of all together',
    async (granularity, expected) => {
      const items = expected.map(([hour, bytesUp, bytesDown]) => ({
        start: `${hour}:00:00.000Z`,
        bytesUp,
        bytesDown,
      }));
      for (const url of [path, `/devices/${deviceId}/bandwidth`, '/stats/bandwidth']) {
        const { body } = await get(`${url}?granularity=${granularity}&${RANGE}`);
        expect(body).toEqual({ items, nextCursor: null });
      }
    },
  );

  test('comes as a table to who asks for one', async () => {
    const table =
      'start,bytesUp,bytesDown\r\n2026-05-01T10:00:00.000Z,1,10\r\n2026-05-01T11:00:00.000Z,2,20\r\n';
    const answers = [
      await raw(`${path}?${RANGE}&format=csv`),
      await raw(`${path}?${RANGE}`, { accept: 'text/csv' }),
    ];
    for (const answer of answers) {
      expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
      expect(answer.headers['content-disposition']).toContain('bandwidth.csv');
      expect(answer.body).toBe(table);
    }
    const json = await raw(`${path}?${RANGE}&format=json`, { accept: 'text/csv' });
    expect(json.json().items).toHaveLength(2);
  });

  test('of a range that ends before it begins is refused with the field', async () => {
    const { status, body } = await get(`${path}?from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z`);
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field: 'query.from' }]);
  });

  test('of a phone is for a customer that of its own connections', async () => {
    const { db } = control;
    const { organizationId } = stranger;
    const phone = await insertDevice(db, await insertRelay(db), { organizationId });
    const [own, other] = [await insertConnection(db, phone), await insertConnection(db, phone)];
    const bytes = { day: '2026-05-01', deviceId: phone.id, bytesUp: 1 };
    await db.insert(usageDaily).values([
      { ...bytes, connectionId: own.id, organizationId, bytesDown: 10 },
      { ...bytes, connectionId: other.id, organizationId: foreignOrganization, bytesDown: 500 },
    ]);
    const url = `/devices/${phone.id}/bandwidth?granularity=day&${RANGE}`;
    expect((await get(url, stranger.token)).body.items).toMatchObject([{ bytesDown: 10 }]);
    expect((await get(url)).body.items).toMatchObject([{ bytesDown: 510 }]);
  });

  test('of others does not exist', async () => {
    expect((await get(path, stranger.token)).status).toBe(404);
    expect((await get(`/devices/${deviceId}/metrics`, stranger.token)).status).toBe(404);
  });
});

test('samples of a phone are given for a range', async () => {
  const total = { wifiBytesUp: 0, wifiBytesDown: 0, mobileBytesUp: 0 };
  const samples = [0, 5, 10].map((minute) => ({
    ...{
      deviceId,
      at: new Date(Date.UTC(2026, 4, 1, 10, minute)),
      signalDbm: -80 - minute,
      networkType: 'LTE',
    },
    ...{ ...total, mobileBytesDown: minute * 100 },
  }));
  await control.db.insert(deviceMetrics).values(samples);
  const { body } = await get(
    `/devices/${deviceId}/metrics?from=2026-05-01T10:05:00Z&to=2026-05-01T11:00:00Z`,
  );
  expect(body.items).toMatchObject([
    { at: '2026-05-01T10:05:00.000Z', signalDbm: -85, batteryPercent: null, mobileBytesDown: 500 },
    { at: '2026-05-01T10:10:00.000Z', signalDbm: -90, mobileBytesDown: 500 },
  ]);
});
