import { describe, expect, it } from 'vitest';
import { connectionRow } from './testing/fakes.ts';
import { startRouting } from './testing/routing.ts';

describe('the directory of connections', () => {
  it('opens the port of a new connection and says so', async () => {
    const { store, bus, ports } = await startRouting([]);
    store.rows = [connectionRow()];
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    await expect
      .poll(() => bus.published.at(-1))
      .toEqual({ type: 'connection.applied', id: 'c1', version: 1, problem: null });
    expect([...ports.opened]).toEqual([30_000]);
  });

  it('says what keeps a port from being opened, and serves it once that is gone', async () => {
    const { store, bus, ports, clock, directory } = await startRouting([]);
    ports.taken = 30_000;
    store.rows = [connectionRow()];
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    await expect
      .poll(() => bus.published.at(-1))
      .toMatchObject({ type: 'connection.applied', problem: 'port 30000 is taken' });
    expect(directory.byPort(30_000)).toBeUndefined();
    ports.taken = null;
    clock.advance(10_000);
    await expect.poll(() => directory.byPort(30_000)?.snapshot.id).toBe('c1');
  });

  it('closes the port of a deleted connection', async () => {
    const { store, bus, ports, directory } = await startRouting([connectionRow()]);
    store.rows = [];
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    await expect.poll(() => directory.byPort(30_000)).toBeUndefined();
    expect(ports.opened.size).toBe(0);
  });

  it('catches up after the bus was away', async () => {
    const { store, bus, directory } = await startRouting([connectionRow()]);
    store.rows = [connectionRow({ id: 'c2', port: 30_001 })];
    bus.resync();
    await expect.poll(() => directory.byId('c2')?.snapshot.port).toBe(30_001);
    expect(directory.byId('c1')).toBeUndefined();
  });

  it('keeps what it knows while the database is away', async () => {
    const { store, bus, directory } = await startRouting([connectionRow()]);
    store.broken = true;
    bus.resync();
    store.broken = false;
    store.rows = [connectionRow({ name: 'later', version: 2 })];
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    await expect.poll(() => directory.byId('c1')?.snapshot.name).toBe('later');
  });

  it('applies a change that could not be read at first, although nobody tells of it again', async () => {
    const { store, bus, clock, directory } = await startRouting([connectionRow()]);
    store.rows = [connectionRow({ enabled: false, version: 2 })];
    store.broken = true;
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    await new Promise(setImmediate);
    store.broken = false;
    clock.advance(1_000);
    await expect.poll(() => directory.byId('c1')?.endedBy(clock.now())).toBe('connection_disabled');
  });
});
