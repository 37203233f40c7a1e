import { type CommandOrder, type CommandOutcome, FlowError } from '@pocketproxy/protocol';
import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { describe, expect, it } from 'vitest';
import type { Bus, BusEvent } from '../domain/bus.ts';
import type { CommandStore, OpenCommand } from '../domain/command-store.ts';
import type { DeviceSessions, DeviceTunnel } from '../domain/device-tunnel.ts';
import { CommandDelivery } from './command-delivery.ts';

const DONE: CommandOutcome = { status: 'succeeded', reason: null, output: 'rang' };

function setUp(...ids: string[]) {
  const clock = new FakeClock();
  const rows: (OpenCommand & { status: string })[] = ids.map((id) => ({
    ...{ id, type: 'find_phone', params: { seconds: 5 }, status: 'pending' },
  }));
  const log: string[] = [];
  let broken = false;
  const handlers = new Set<(event: Extract<BusEvent, { type: 'command.changed' }>) => void>();
  const changed = () => {
    for (const handler of handlers) handler({ type: 'command.changed', id: 'c', deviceId: 'd1' });
  };
  const open = (id?: string) =>
    rows.find(
      (row) => (row.status === 'pending' || row.status === 'sent') && (id === undefined || row.id === id),
    );
  const store: CommandStore = {
    next: async () => {
      if (broken) throw new Error('database is away');
      return open() ?? null;
    },
    markSent: async (id) => {
      const row = open(id);
      if (row) row.status = 'sent';
      changed();
      return row !== undefined;
    },
    finish: async (id, outcome) => {
      const row = open(id);
      if (row) row.status = outcome.status;
      log.push([id, outcome.status, outcome.reason, outcome.output].filter(Boolean).join(' '));
      changed();
    },
  };
  const bus = {
    subscribe: (_type: string, handler: never) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    onResync: () => () => {},
  } as unknown as Bus;

  const sessionListeners = new Set<(deviceId: string) => void>();
  const orders: string[] = [];
  const phone = {
    online: true,
    order: async (_id: string, _order: CommandOrder): Promise<CommandOutcome> => DONE,
    connect() {
      this.online = true;
      for (const listener of sessionListeners) listener('d1');
    },
  };
  const sessions: DeviceSessions = {
    pick: () => {
      if (!phone.online) throw new FlowError('device_offline');
      return {
        order: async (id: string, order: CommandOrder) => {
          orders.push(id);
          return await phone.order(id, order);
        },
      } as unknown as DeviceTunnel;
    },
    has: () => phone.online,
    connectedDevices: () => (phone.online ? ['d1'] : []),
    onSession: (listener) => {
      sessionListeners.add(listener);
      return () => sessionListeners.delete(listener);
    },
  };
  const stop = new CommandDelivery({ store, sessions, bus, clock, log: silentLogger() }).start();
  const breakDatabase = (now: boolean) => {
    broken = now;
  };
  return { clock, rows, log, orders, phone, changed, stop, breakDatabase };
}

describe('the delivery of commands', () => {
  it('brings them one after another, in their order', async () => {
    const { log, orders, phone, changed } = setUp('c1', 'c2', 'c3');
    let running = 0;
    phone.order = async () => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return DONE;
    };
    changed();
    changed();
    await expect.poll(() => log).toEqual(['c1 succeeded rang', 'c2 succeeded rang', 'c3 succeeded rang']);
    expect(orders).toEqual(['c1', 'c2', 'c3']);
  });

  it('waits for the device to connect', async () => {
    const { log, orders, phone, changed } = setUp('c1');
    phone.online = false;
    changed();
    expect(orders).toEqual([]);
    phone.connect();
    await expect.poll(() => log).toEqual(['c1 succeeded rang']);
  });

  it('brings a command whose tunnel was lost again under the same id, when the device is back', async () => {
    const { log, orders, rows, phone, changed } = setUp('c1');
    phone.order = async () => {
      phone.online = false;
      throw new FlowError('tunnel_lost');
    };
    changed();
    await expect.poll(() => rows[0]?.status).toBe('sent');
    await expect.poll(() => phone.online).toBe(false);
    expect(log).toEqual([]);
    phone.order = async () => DONE;
    phone.connect();
    await expect.poll(() => log).toEqual(['c1 succeeded rang']);
    expect(orders).toEqual(['c1', 'c1']);
  });

  it('tries again by itself where another session of the device is left, or the database was away', async () => {
    const { clock, log, orders, phone, changed, breakDatabase } = setUp('c1');
    phone.order = async () => {
      phone.order = async () => DONE;
      throw new FlowError('tunnel_lost');
    };
    changed();
    await expect.poll(() => orders).toEqual(['c1']);
    breakDatabase(true);
    await expect
      .poll(() => {
        clock.advance(5_000);
        breakDatabase(false);
        return log;
      })
      .toEqual(['c1 succeeded rang']);
  });

  it.each([
    ['unsupported', 'c1 failed unsupported Not supported'],
    ['connect_timeout', 'c1 failed failed Destination did not answer in time'],
    ['internal_error', 'c1 failed failed Internal error'],
  ] as const)('stores that the agent answered %s', async (code, stored) => {
    const { log, phone, changed } = setUp('c1');
    phone.order = async () => {
      throw new FlowError(code);
    };
    changed();
    await expect.poll(() => log).toEqual([stored]);
  });

  it('stores that it does not know a command, and goes on', async () => {
    const { log, rows, orders, changed } = setUp('c1', 'c2');
    rows[0] = { ...rows[0]!, type: 'dance' };
    changed();
    await expect.poll(() => log).toHaveLength(2);
    expect(log[0]).toMatch(/^c1 failed unsupported /);
    expect(orders).toEqual(['c2']);
  });

  it('leaves a command alone that ended or was deleted meanwhile', async () => {
    const { log, rows, phone, changed } = setUp('c1', 'c2');
    phone.order = async (id) => {
      if (id === 'c1') rows.splice(0, rows.length);
      return DONE;
    };
    changed();
    await expect.poll(() => log).toEqual(['c1 succeeded rang']);
  });

  it('ends with the relay', () => {
    const { orders, changed, stop } = setUp('c1');
    stop();
    changed();
    expect(orders).toEqual([]);
  });
});
