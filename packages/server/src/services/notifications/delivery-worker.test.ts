import { randomUUID } from 'node:crypto';
import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { asc, sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PostgresBus } from '../../db/bus.ts';
import type { Db } from '../../db/database.ts';
import { NotificationChannelRepository } from '../../db/notification-channel-repository.ts';
import { NotificationDeliveryRepository } from '../../db/notification-delivery-repository.ts';
import { queueNotification } from '../../db/notification-outbox.ts';
import { notificationChannels, notificationDeliveries } from '../../db/notification-schema.ts';
import { EVERY_ORGANIZATION } from '../../db/scope.ts';
import { startTestDatabase, type TestDatabase } from '../../db/test-database.ts';
import { insertRelay, TEST_ORGANIZATION } from '../../db/test-rows.ts';
import { type Deliver, DeliveryWorker } from './delivery-worker.ts';
import { DeliveryError } from './message.ts';

let server: TestDatabase;
let db: Db;
let bus: PostgresBus;
let clock: FakeClock;
let repository: NotificationDeliveryRepository;
const workers: DeliveryWorker[] = [];

beforeAll(async () => {
  server = await startTestDatabase();
  db = server.database.db;
  bus = new PostgresBus(server.database.address, silentLogger());
  await bus.start();
});
afterAll(async () => {
  await bus.stop();
  await server.stop();
});
beforeEach(async () => {
  await db.execute(sql`truncate relays, organization cascade`);
  await insertRelay(db);
  clock = new FakeClock();
  repository = new NotificationDeliveryRepository(db);
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});

async function insertChannel(): Promise<string> {
  const id = randomUUID();
  await db.insert(notificationChannels).values({
    ...{ id, organizationId: TEST_ORGANIZATION, name: 'Ops', type: 'webhook', target: 'https://a.example/' },
    events: ['device.paired'],
  });
  return id;
}

async function queue(dedupeKey: string): Promise<void> {
  await db.transaction((tx) =>
    queueNotification(tx, {
      ...{ organizationId: TEST_ORGANIZATION, event: 'device.paired', dedupeKey, at: new Date(clock.now()) },
      payload: { deviceName: dedupeKey },
    }),
  );
}

/** What was sent, and a promise for each number of it. */
class Sent {
  readonly list: { channelId: string; id: string; name: unknown; at: number }[] = [];
  readonly #waiting = new Set<() => void>();

  add(channelId: string, id: string, name: unknown): void {
    this.list.push({ channelId, id, name, at: clock.now() });
    for (const check of this.#waiting) check();
  }

  async count(count: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const check = (): void => void (this.list.length >= count && resolve());
      this.#waiting.add(check);
      check();
    });
  }
}

function startWorker(sent: Sent, fate: Deliver = async () => {}, of: typeof repository = repository) {
  const worker = new DeliveryWorker({
    ...{ repository: of, bus, clock, log: silentLogger(), random: () => 1 },
    deliver: async (channel, message, signal) => {
      sent.add(channel.id, message.id, message.data.deviceName);
      await fate(channel, message, signal);
    },
  });
  workers.push(worker);
  worker.start();
  return worker;
}

async function rows() {
  return await db.select().from(notificationDeliveries).orderBy(asc(notificationDeliveries.id));
}

/** Calls `probe` at each change of the outbox that this process makes. */
class WatchedRepository extends NotificationDeliveryRepository {
  readonly finished: string[] = [];
  #waiting: (() => void) | null = null;

  override async finish(...args: Parameters<NotificationDeliveryRepository['finish']>): Promise<void> {
    await super.finish(...args);
    this.finished.push(args[1].status);
    this.#waiting?.();
  }

  async finishes(count: number): Promise<void> {
    while (this.finished.length < count) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }
}

describe('a message', () => {
  test('is sent as soon as it is queued, without waiting for a tick', async () => {
    const channel = await insertChannel();
    const sent = new Sent();
    const watched = new WatchedRepository(db);
    startWorker(sent, undefined, watched);
    await queue('first');
    await watched.finishes(1);
    expect(sent.list).toMatchObject([{ channelId: channel, name: 'first' }]);
    expect(await rows()).toMatchObject([
      { status: 'delivered', attempts: 1, nextAttemptAt: null, deliveredAt: new Date(clock.now()) },
    ]);
  });

  test('that waits since before the start is sent at the start', async () => {
    await insertChannel();
    await queue('waiting');
    const sent = new Sent();
    startWorker(sent);
    await sent.count(1);
  });

  test('is sent again with longer and longer waits and the same id until it is taken, then never again', async () => {
    await insertChannel();
    const sent = new Sent();
    const watched = new WatchedRepository(db);
    startWorker(
      sent,
      async () => {
        if (sent.list.length < 4) throw new DeliveryError('The receiver answered 500');
      },
      watched,
    );
    const start = clock.now();
    await queue('hard');
    await watched.finishes(1);
    expect(await rows()).toMatchObject([
      { status: 'pending', attempts: 1, lastError: 'The receiver answered 500' },
    ]);
    for (const [index, wait] of [5_000, 10_000, 20_000].entries()) {
      clock.advance(wait);
      await watched.finishes(index + 2);
    }
    clock.advance(86_400_000);
    expect(sent.list.map(({ at }) => (at - start) / 1000)).toEqual([0, 5, 15, 35]);
    expect(new Set(sent.list.map(({ id }) => id)).size).toBe(1);
    expect(watched.finished).toEqual(['pending', 'pending', 'pending', 'delivered']);
  });

  test('is given up after a day', async () => {
    await insertChannel();
    const watched = new WatchedRepository(db);
    startWorker(
      new Sent(),
      async () => {
        throw new DeliveryError('The receiver answered 500');
      },
      watched,
    );
    const start = clock.now();
    await queue('hopeless');
    for (let attempts = 1; ; attempts += 1) {
      await watched.finishes(attempts);
      const [row] = await rows();
      if (row!.status === 'failed') break;
      clock.advance(row!.nextAttemptAt!.getTime() - clock.now());
    }
    expect(clock.now() - start).toBe(86_400_000);
    expect(await rows()).toMatchObject([{ status: 'failed', nextAttemptAt: null }]);
  });

  test('is given up at once when trying again is of no use', async () => {
    await insertChannel();
    const watched = new WatchedRepository(db);
    startWorker(
      new Sent(),
      async () => {
        throw new DeliveryError('The receiver answered 410', { permanent: true });
      },
      watched,
    );
    await queue('unwanted');
    await watched.finishes(1);
    expect(await rows()).toMatchObject([{ status: 'failed', lastError: 'The receiver answered 410' }]);
  });

  test('that a process took and did not finish is taken by another when the lease is over', async () => {
    await insertChannel();
    await queue('orphan');
    const lease = { now: new Date(clock.now()), leaseUntil: new Date(clock.now() + 30_000) };
    const [taken] = await repository.claim({ ...lease, limit: 1, busyChannels: [] });
    const sent = new Sent();
    const watched = new WatchedRepository(db);
    startWorker(sent, undefined, watched);
    clock.advance(29_000);
    expect(await repository.claim({ ...lease, limit: 1, busyChannels: [] })).toEqual([]);
    clock.advance(1_000);
    await watched.finishes(1);
    expect(sent.list).toHaveLength(1);
    // The first one was only slow: what it has to say comes too late.
    await repository.finish(taken!.delivery, { status: 'failed', error: 'late' });
    expect(await rows()).toMatchObject([{ status: 'delivered', attempts: 2 }]);
  });

  test('that is being sent when the process stops is given back and not counted', async () => {
    await insertChannel();
    const sent = new Sent();
    const worker = startWorker(sent, (_channel, _message, signal) => {
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new DeliveryError('The server was stopped')));
      });
    });
    await queue('interrupted');
    await sent.count(1);
    const stopping = worker.stop();
    await Promise.resolve();
    // The time to drain is over only when the worker has asked for it.
    const advance = setInterval(() => clock.advance(2_000), 5);
    await stopping;
    clearInterval(advance);
    expect(await rows()).toMatchObject([{ status: 'pending', attempts: 0 }]);
  });

  test('of a channel that was turned off is not sent', async () => {
    const channel = await insertChannel();
    await queue('late');
    const channels = new NotificationChannelRepository(db);
    await channels.update(EVERY_ORGANIZATION, channel, { enabled: false });
    expect(await rows()).toMatchObject([{ status: 'failed', lastError: 'The channel was turned off' }]);
  });
});

describe('messages', () => {
  test('are sent once each by eight processes', async () => {
    await Promise.all(Array.from({ length: 5 }, insertChannel));
    const sent = new Sent();
    const watched = new WatchedRepository(db);
    for (let index = 0; index < 8; index += 1) startWorker(sent, undefined, watched);
    await Promise.all(Array.from({ length: 40 }, (_, index) => queue(`message ${index}`)));
    await watched.finishes(200);
    expect(sent.list).toHaveLength(200);
    expect(new Set(sent.list.map(({ id }) => id)).size).toBe(200);
    expect((await rows()).every(({ status, attempts }) => status === 'delivered' && attempts === 1)).toBe(
      true,
    );
  });

  test('to one channel go one after the other, in order, and hold up no other channel', async () => {
    const slow = await insertChannel();
    for (const name of ['a', 'b', 'c']) await queue(name);
    const fast = await insertChannel();
    await queue('d');
    const sent = new Sent();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const watched = new WatchedRepository(db);
    startWorker(sent, async (channel) => (channel.id === slow ? await held : undefined), watched);
    await watched.finishes(1);
    expect(sent.list.map(({ channelId, name }) => [channelId, name])).toEqual(
      expect.arrayContaining([
        [fast, 'd'],
        [slow, 'a'],
      ]),
    );
    expect(sent.list).toHaveLength(2);
    release();
    await watched.finishes(5);
    expect(sent.list.filter(({ channelId }) => channelId === slow).map(({ name }) => name)).toEqual([
      ...['a', 'b', 'c', 'd'],
    ]);
  });

  test('with the same key are one', async () => {
    await insertChannel();
    await Promise.all(Array.from({ length: 10 }, () => queue('same')));
    expect(await rows()).toHaveLength(1);
  });

  test('are forgotten after thirty days', async () => {
    await insertChannel();
    await queue('old');
    clock.advance(31 * 86_400_000);
    await queue('new');
    await repository.prune(new Date(clock.now() - 30 * 86_400_000));
    expect((await rows()).map(({ dedupeKey }) => dedupeKey)).toEqual(['new']);
  });
});
