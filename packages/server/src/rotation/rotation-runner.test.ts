import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { describe, expect, it } from 'vitest';
import type { OpenRotation } from '../domain/rotation.ts';
import { RotationRunner } from './rotation-runner.ts';
import { DONE, FakeBus, FakeHold, FakePhone, FakeRotationStore, queuedRotation } from './testing/fakes.ts';

function setUp(...rotations: OpenRotation[]) {
  const clock = new FakeClock();
  const store = new FakeRotationStore(...rotations);
  const bus = new FakeBus();
  const hold = new FakeHold();
  let next = 1;
  const phone = new FakePhone(async () => {
    phone.ip = `198.51.100.${++next}`;
    return DONE;
  });
  const runner = () =>
    new RotationRunner({ relayId: 'relay', store, sessions: phone, hold, bus, clock, log: silentLogger() });
  const changed = () => bus.publish({ type: 'rotation.changed', id: 'r1', deviceId: 'd1' });
  return { clock, store, bus, hold, phone, runner, changed };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('the runner of rotations', () => {
  it('carries out what was queued before it started', async () => {
    const { store, phone, runner } = setUp(queuedRotation());
    const stop = await runner().start();
    await expect.poll(() => store.ends).toHaveLength(1);
    expect(phone.orders).toEqual(['r1-1 4s']);
    await stop();
  });

  it('holds the flows of a rotation that its last run left behind before start is over', async () => {
    const { hold, phone, runner } = setUp(
      queuedRotation({ status: 'running', attempt: 1, holdSeconds: 4, oldIp: '198.51.100.1' }),
    );
    phone.onOrder = () => new Promise(() => {});
    const stop = await runner().start();
    expect([...hold.held.keys()]).toEqual(['d1']);
    await stop();
  });

  it('carries each rotation out once, however often it is told of and by however many runners', async () => {
    const { store, phone, bus, clock, runner, changed } = setUp();
    const stops = [await runner().start(), await runner().start()];
    store.add(queuedRotation());
    await Promise.all([changed(), changed()]);
    await expect.poll(() => store.ends).toHaveLength(1);
    await changed();
    bus.resync();
    clock.advance(10_000);
    await settled();
    expect(phone.orders).toEqual(['r1-1 4s']);
    expect(store.log.filter((line) => line.startsWith('begin'))).toHaveLength(1);
    for (const stop of stops) await stop();
  });

  it('does not take up again what ended while it was looking', async () => {
    const { store, phone, hold, bus, runner } = setUp(queuedRotation());
    const stop = await runner().start();
    const stale = await store.open();
    await expect.poll(() => store.ends).toHaveLength(1);
    store.open = async () => stale;
    bus.resync();
    await settled();
    expect(phone.orders).toHaveLength(1);
    expect(hold.log).toEqual(['hold', 'release']);
    await stop();
  });

  it('goes on with the next rotation of a device that was asked for while one was ending', async () => {
    const { store, phone, runner, changed } = setUp(queuedRotation());
    const finish = store.finish.bind(store);
    store.finish = async (rotation, end) => {
      const stored = await finish(rotation, end);
      if (rotation.id === 'r1') {
        store.add(queuedRotation({ id: 'r2' }));
        await changed();
      }
      return stored;
    };
    const stop = await runner().start();
    await expect.poll(() => store.ends).toHaveLength(2);
    expect(phone.orders).toEqual(['r1-1 4s', 'r2-1 4s']);
    await stop();
  });

  it('finds by itself what nobody told of', async () => {
    const { store, clock, runner } = setUp();
    const stop = await runner().start();
    store.add(queuedRotation());
    clock.advance(10_000);
    await expect.poll(() => store.ends).toHaveLength(1);
    await stop();
  });

  it('cancels the rotation of a device that is revoked', async () => {
    const { store, bus, phone, hold, runner } = setUp(queuedRotation());
    phone.onOrder = () => new Promise(() => {});
    const stop = await runner().start();
    await expect.poll(() => phone.orders).toHaveLength(1);
    await bus.publish({ type: 'device.revoked', id: 'd1' });
    await expect.poll(() => store.log.at(-1)).toBe('failed cancelled');
    expect(hold.held.size).toBe(0);
    await stop();
  });

  it('leaves what is under way to the next run when it stops', async () => {
    const { store, phone, runner } = setUp(queuedRotation());
    phone.onOrder = () => new Promise(() => {});
    const stop = await runner().start();
    await expect.poll(() => phone.orders).toHaveLength(1);
    await stop();
    expect(store.ends).toEqual([]);
    phone.onOrder = async () => {
      phone.ip = '198.51.100.9';
      return DONE;
    };
    const stopNext = await runner().start();
    await expect.poll(() => store.log.at(-1)).toBe('succeeded 198.51.100.9');
    expect(phone.orders).toEqual(['r1-1 4s', 'r1-1 4s']);
    await stopNext();
  });
});
