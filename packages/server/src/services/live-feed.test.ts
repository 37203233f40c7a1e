import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { expect, test } from 'vitest';
import type { Bus, BusEvent } from '../domain/bus.ts';
import { LiveFeed, type LiveTopics, type LoadNews } from './live-feed.ts';

function setUp() {
  const clock = new FakeClock();
  const handlers = new Map<string, (event: BusEvent) => void>();
  let resync = (): void => {};
  const bus = {
    subscribe: (type: string, handler: (event: BusEvent) => void) => {
      handlers.set(type, handler);
      return () => handlers.delete(type);
    },
    onResync: (handler: () => void) => {
      resync = handler;
      return () => {};
    },
  } as unknown as Bus;
  const state = { broken: false };
  const load: LoadNews = async (ids) => {
    if (state.broken) throw new Error('database is away');
    const told = { type: 'device.status', permission: 'devices:read', organizationId: null } as const;
    return ids.map((id) => ({ ...told, data: { id } }));
  };
  const topics = new Proxy({} as LiveTopics, { get: () => load });
  const feed = new LiveFeed({ bus, topics, clock, log: silentLogger() });
  const told: string[] = [];
  const listen = () =>
    feed.listen(
      ({ data }) => told.push((data as { id: string }).id),
      () => told.push('lost'),
    );
  const change = async (id: string) => {
    handlers.get('device.changed')!({ type: 'device.changed', id });
    clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { feed, told, listen, change, state, resync: () => resync() };
}

test('who listens is told when events may have been missed, and cannot catch up across it', async () => {
  const { feed, told, listen, change, resync } = setUp();
  listen();
  await change('a');
  const before = feed.idOf();
  resync();
  await change('b');
  expect(told).toEqual(['a', 'lost', 'b']);
  expect(feed.since(before)).toBeNull();
});

test('events that could not be loaded are told of as lost once others can', async () => {
  const { told, listen, change, state } = setUp();
  listen();
  state.broken = true;
  await change('a');
  await change('b');
  expect(told).toEqual([]);
  state.broken = false;
  await change('c');
  await change('d');
  expect(told).toEqual(['lost', 'c', 'd']);
});
