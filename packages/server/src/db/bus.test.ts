import { randomUUID } from 'node:crypto';
import { silentLogger } from '@pocketproxy/runtime';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BusEvent } from '../domain/bus.ts';
import { PostgresBus } from './bus.ts';
import { notify } from './notify.ts';
import { startTestDatabase, type TestDatabase } from './test-database.ts';

let server: TestDatabase;
const started: PostgresBus[] = [];

beforeAll(async () => {
  server = await startTestDatabase();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((bus) => bus.stop()));
});
afterAll(() => server.stop());

async function startBus(): Promise<PostgresBus> {
  const bus = new PostgresBus(server.database.address, silentLogger());
  started.push(bus);
  await bus.start();
  return bus;
}

function next<T extends BusEvent['type']>(
  bus: PostgresBus,
  type: T,
): Promise<Extract<BusEvent, { type: T }>> {
  return new Promise((resolve) => {
    const stop = bus.subscribe(type, (event) => {
      stop();
      resolve(event);
    });
  });
}

test('an event reaches every process, the publisher included, and only subscribers of its type', async () => {
  const [one, two] = [await startBus(), await startBus()];
  const wrong: BusEvent[] = [];
  two.subscribe('device.changed', (event) => wrong.push(event));
  const received = Promise.all([next(one, 'connection.changed'), next(two, 'connection.changed')]);
  const event = { type: 'connection.changed', id: randomUUID() } as const;
  await one.publish(event);
  expect(await received).toEqual([event, event]);
  expect(wrong).toEqual([]);
});

test('a subscriber that throws does not keep the next from hearing', async () => {
  const bus = await startBus();
  bus.subscribe('device.changed', () => {
    throw new Error('broken subscriber');
  });
  const received = next(bus, 'device.changed');
  await bus.publish({ type: 'device.changed', id: 'a' });
  expect((await received).id).toBe('a');
});

test('events of a transaction are told when it commits and not when it fails', async () => {
  const bus = await startBus();
  const received = next(bus, 'device.revoked');
  const { db } = server.database;
  await expect(
    db.transaction(async (tx) => {
      await notify(tx, [{ type: 'device.revoked', id: 'rolled back' }]);
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await db.transaction((tx) => notify(tx, [{ type: 'device.revoked', id: 'committed' }]));
  expect((await received).id).toBe('committed');
});

test('after a restart of the database the bus listens again and says that events may be missing', async () => {
  const bus = await startBus();
  const resynced = new Promise<void>((resolve) => bus.onResync(resolve));
  await server.restart();
  await resynced;
  const received = next(bus, 'device.changed');
  await bus.publish({ type: 'device.changed', id: 'after' });
  expect((await received).id).toBe('after');
});
