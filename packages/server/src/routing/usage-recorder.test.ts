import { describe, expect, it } from 'vitest';
import { connectionRow } from './testing/fakes.ts';
import { startRouting } from './testing/routing.ts';

describe('usage', () => {
  it('reaches the database every few seconds, each byte once', async () => {
    const { directory, usage, usageStore, clock } = await startRouting([connectionRow()]);
    const { meter } = directory.byId('c1')!.usage;
    meter.up += 10;
    meter.down += 200;
    clock.advance(3_000);
    await usage.flush();
    meter.down += 1;
    await usage.flush();
    await usage.flush();
    const base = { connectionId: 'c1', organizationId: 'o1', deviceId: 'd1' };
    expect(usageStore.portions).toMatchObject([
      { ...base, bytesUp: 10, bytesDown: 200, countedUp: 10, countedDown: 200, quotaBytes: 210 },
      { ...base, bytesUp: 0, bytesDown: 1, countedUp: 10, countedDown: 201, quotaBytes: 1 },
    ]);
  });

  it('comes with the number of open flows, told when it has changed', async () => {
    const { directory, usage, usageStore } = await startRouting([connectionRow()]);
    const connection = directory.byId('c1')!;
    connection.openFlows = 2;
    usageStore.broken = true;
    await usage.flush();
    usageStore.broken = false;
    await usage.flush();
    await usage.flush();
    connection.openFlows = 0;
    await usage.flush();
    expect(usageStore.portions).toMatchObject([
      { connectionId: 'c1', bytesUp: 0, bytesDown: 0, openFlows: 2 },
      { connectionId: 'c1', bytesUp: 0, bytesDown: 0, openFlows: 0 },
    ]);
  });

  it('is kept while the database is away and stored afterwards', async () => {
    const { directory, usage, usageStore } = await startRouting([connectionRow()]);
    const { meter } = directory.byId('c1')!.usage;
    usageStore.broken = true;
    meter.up += 5;
    await usage.flush();
    meter.up += 7;
    usageStore.broken = false;
    await usage.flush();
    expect(usageStore.portions.map(({ bytesUp }) => bytesUp)).toEqual([12]);
  });

  it('of a connection that was deleted is stored all the same', async () => {
    const { directory, usage, usageStore, store, bus } = await startRouting([connectionRow()]);
    directory.byId('c1')!.usage.meter.up += 9;
    store.rows = [];
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    await expect.poll(() => directory.byId('c1')).toBeUndefined();
    await usage.flush();
    expect(usageStore.portions).toMatchObject([{ connectionId: 'c1', bytesUp: 9 }]);
    expect([...directory.metered()]).toEqual([]);
  });

  it('counts against the quota before and after it is stored, never twice', async () => {
    const { directory, usage, store, bus } = await startRouting([connectionRow({ usedBytes: 100 })]);
    const connection = directory.byId('c1')!;
    connection.usage.meter.up += 50;
    expect(connection.usedBytes).toBe(150);
    await usage.flush();
    store.rows = [connectionRow({ usedBytes: 150, countedUp: 50, version: 2 })];
    await bus.publish({ type: 'connection.changed', id: 'c1' });
    await expect.poll(() => connection.snapshot.version).toBe(2);
    expect(connection.usedBytes).toBe(150);
    connection.usage.meter.down += 1;
    expect(connection.usedBytes).toBe(151);
  });
});
