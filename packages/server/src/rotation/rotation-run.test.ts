import { type CommandOutcome, FlowError } from '@pocketproxy/protocol';
import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { describe, expect, it } from 'vitest';
import type { OpenRotation, RotationSettings } from '../domain/rotation.ts';
import { Phone } from './phone.ts';
import { type GiveUp, RotationRun } from './rotation-run.ts';
import { after, DONE, FakeHold, FakePhone, FakeRotationStore, queuedRotation } from './testing/fakes.ts';

const OLD = '198.51.100.1';
const NEW = '198.51.100.2';

function setUp(rotation: Partial<OpenRotation> = {}, settings: Partial<RotationSettings> = {}) {
  const clock = new FakeClock();
  const row = queuedRotation(rotation, settings);
  const store = new FakeRotationStore(row);
  const hold = new FakeHold();
  /** Addresses that the network gives, one per radio cycle. */
  const addresses: string[] = [NEW];
  const phone = new FakePhone(async (_attempt, order) => {
    await after(clock, order.type === 'rotate_ip' ? order.holdSeconds * 1000 + 500 : 0);
    phone.ip = addresses.shift() ?? phone.ip;
    return DONE;
  });
  const abort = new AbortController();
  const run = new RotationRun({
    rotation: row,
    store,
    hold,
    clock,
    phone: new Phone({ deviceId: 'd1', sessions: phone, clock, signal: abort.signal }),
    log: silentLogger(),
    signal: abort.signal,
  });
  /** Lets time pass until the run is over; answers after how many seconds. */
  const finish = async (): Promise<number> => {
    const began = clock.now();
    let over = false;
    void run.run().then(() => {
      over = true;
    });
    for (let step = 0; !over; step++) {
      if (step > 20_000) throw new Error('The run does not end');
      await new Promise((resolve) => setImmediate(resolve));
      if (!over) clock.advance(100);
    }
    return (clock.now() - began) / 1000;
  };
  const giveUp = (reason: GiveUp) => abort.abort(reason);
  return { clock, store, hold, phone, addresses, finish, giveUp };
}

const failing =
  (...reasons: (CommandOutcome['reason'] | null)[]) =>
  async (attempt: number): Promise<CommandOutcome> => {
    const reason = reasons[attempt - 1] ?? null;
    return reason === null ? DONE : { status: 'failed', reason, output: '' };
  };

describe('a rotation', () => {
  it('cycles the radio, observes the new address, and tells each step', async () => {
    const { store, phone, hold, finish } = setUp();
    await finish();
    expect(store.log).toEqual([`begin 4s from ${OLD}`, 'registering', 'observing', `succeeded ${NEW}`]);
    expect(phone.orders).toEqual(['r1-1 4s']);
    expect(hold.log).toEqual(['hold', 'release']);
  });

  it('holds flows for as long as the device wants, from before the radio goes off', async () => {
    const { hold, phone, finish } = setUp({}, { waitSeconds: 45 });
    phone.onOrder = async () => {
      expect([...hold.held]).toEqual([['d1', 45_000]]);
      phone.ip = NEW;
      return DONE;
    };
    await finish();
    expect(phone.orders).toHaveLength(1);
    expect(hold.held.size).toBe(0);
  });

  it('tries again while the address stays, with the radio off twice as long each time', async () => {
    const { store, phone, addresses, finish } = setUp();
    addresses.splice(0, 1, OLD, OLD, OLD);
    await finish();
    expect(phone.orders).toEqual(['r1-1 4s', 'r1-2 8s', 'r1-3 16s']);
    expect(store.log.at(-1)).toBe(`unchanged same_address ${OLD}`);
    expect(store.ends[0]?.learnedHoldSeconds).toBeNull();
  });

  it('learns the hold time that was needed', async () => {
    const { store, addresses, finish } = setUp();
    addresses.splice(0, 1, OLD, NEW);
    await finish();
    expect(store.ends).toMatchObject([{ result: { status: 'succeeded' }, learnedHoldSeconds: 8 }]);
  });

  it('uses what was learned, and learns more where that is too short', async () => {
    const { store, phone, addresses, finish } = setUp({}, { learnedHoldSeconds: 8 });
    addresses.splice(0, 1, OLD, NEW);
    await finish();
    expect(phone.orders).toEqual(['r1-1 8s', 'r1-2 16s']);
    expect(store.ends[0]?.learnedHoldSeconds).toBe(16);
  });

  it('keeps to the hold time that a person has set, and learns nothing', async () => {
    const { store, phone, addresses, finish } = setUp({}, { holdSeconds: 100, learnedHoldSeconds: 8 });
    addresses.splice(0, 1, OLD, NEW);
    await finish();
    expect(phone.orders).toEqual(['r1-1 100s', 'r1-2 100s']);
    expect(store.ends[0]?.learnedHoldSeconds).toBeNull();
  });

  it('never doubles beyond a minute', async () => {
    const { phone, addresses, finish } = setUp({}, { holdSeconds: 20, retries: 3 });
    addresses.splice(0, 1, OLD, OLD, OLD, OLD);
    await finish();
    expect(phone.orders).toEqual(['r1-1 20s', 'r1-2 40s', 'r1-3 60s', 'r1-4 60s']);
  });

  it('learns nothing from a failure of another kind', async () => {
    const { store, phone, finish } = setUp();
    phone.onOrder = async (attempt) => {
      if (attempt === 2) phone.ip = NEW;
      return await failing('not_registered', null)(attempt);
    };
    await finish();
    expect(store.ends).toMatchObject([{ result: { status: 'succeeded' }, learnedHoldSeconds: null }]);
  });

  it('takes an address that the device had too recently for unchanged, and tries again', async () => {
    const { store, addresses, finish } = setUp({}, { uniqueHours: 24, retries: 1 });
    store.recent.add(NEW);
    addresses.splice(0, 1, NEW, '198.51.100.3');
    await finish();
    expect(store.log.at(-1)).toBe('succeeded 198.51.100.3');

    const other = setUp({}, { uniqueHours: 24, retries: 0 });
    other.store.recent.add(NEW);
    await other.finish();
    expect(other.store.log.at(-1)).toBe(`unchanged recent_address ${NEW}`);
  });

  it('observes the old address first where it is unknown or was observed a while ago', async () => {
    const unknown = setUp({ exitIp: null, exitIpAt: null });
    await unknown.finish();
    expect(unknown.store.log[0]).toBe(`begin 4s from ${OLD}`);

    const old = setUp({ exitIp: '198.51.100.200', exitIpAt: new Date(Date.UTC(2025, 11, 31)) });
    await old.finish();
    expect(old.store.log[0]).toBe(`begin 4s from ${OLD}`);
  });

  it('observes the old address of a phone that was away, which may have come back with another', async () => {
    const { clock, store, phone, addresses, finish } = setUp();
    phone.disconnect();
    addresses.splice(0, 1, NEW);
    clock.setTimeout(() => {
      phone.ip = NEW;
      phone.connect();
    }, 5_000);
    await finish();
    expect(store.log[0]).toBe(`begin 4s from ${NEW}`);
    expect(store.log.at(-1)).toBe(`unchanged same_address ${NEW}`);
  });

  it('begins without the old address when the phone has no network to tell it by', async () => {
    const { store, phone, finish } = setUp({ exitIp: null, exitIpAt: null });
    phone.ip = null;
    await finish();
    expect(store.log[0]).toBe('begin 4s from null');
    expect(store.log.at(-1)).toBe(`succeeded ${NEW}`);
  });
});

describe('a rotation fails', () => {
  it('at once when the device is offline, and after a while when it was connected a moment ago', async () => {
    const offline = setUp({ lastSeenAt: new Date(Date.UTC(2025, 11, 31)) });
    offline.phone.disconnect();
    expect(await offline.finish()).toBeLessThan(1);
    expect(offline.store.log).toEqual(['failed device_offline']);
    expect(offline.hold.log).toEqual([]);

    const reconnecting = setUp();
    reconnecting.phone.disconnect();
    const seconds = await reconnecting.finish();
    expect(seconds).toBeGreaterThanOrEqual(15);
    expect(seconds).toBeLessThan(17);
    expect(reconnecting.store.log).toEqual(['failed device_offline']);
  });

  it.each([
    ['unsupported', 1, 'failed unsupported'],
    ['failed', 1, 'failed internal_error'],
    ['radio_failed', 3, 'failed radio_failed'],
    ['not_registered', 3, 'failed not_registered'],
  ] as const)('with the agent’s reason: %s after %d attempts', async (reason, attempts, end) => {
    const { store, phone, finish } = setUp();
    phone.onOrder = failing(reason, reason, reason);
    await finish();
    expect(phone.orders).toHaveLength(attempts);
    expect(store.log.at(-1)).toBe(end);
  });

  it('when the agent is too old to know orders, or answers nonsense', async () => {
    for (const [code, reason] of [
      ['unsupported', 'unsupported'],
      ['internal_error', 'internal_error'],
    ] as const) {
      const { store, phone, finish } = setUp();
      phone.onOrder = async () => {
        throw new FlowError(code);
      };
      await finish();
      expect(phone.orders).toHaveLength(1);
      expect(store.log.at(-1)).toBe(`failed ${reason}`);
    }
  });

  it('when the phone does not come back', async () => {
    const { store, phone, hold, finish } = setUp();
    phone.onOrder = async () => {
      phone.disconnect();
      throw new FlowError('tunnel_lost');
    };
    const seconds = await finish();
    expect(seconds).toBeGreaterThanOrEqual(4 + 60 + 60);
    expect(seconds).toBeLessThan(4 + 60 + 60 + 5);
    expect(store.log).toEqual([
      `begin 4s from ${OLD}`,
      'registering',
      // The radio's time was over, too.
      'registering',
      'failed phone_lost',
    ]);
    expect(hold.log).toEqual(['hold', 'release']);
  });

  it('when the phone is back and its address cannot be observed, after all attempts', async () => {
    const { store, phone, finish } = setUp({}, { retries: 1 });
    phone.onOrder = async () => {
      phone.ip = null;
      return DONE;
    };
    const seconds = await finish();
    expect(store.log.at(-1)).toBe('failed address_not_observed');
    expect(phone.orders).toHaveLength(2);
    expect(seconds).toBeGreaterThanOrEqual(60);
  });

  it('as cancelled when the device is deleted or paired anew', async () => {
    const { store, phone, hold, finish, giveUp } = setUp();
    phone.onOrder = () => new Promise(() => giveUp('cancelled'));
    await finish();
    expect(store.log.at(-1)).toBe('failed cancelled');
    expect(hold.held.size).toBe(0);
  });
});

describe('a rotation survives', () => {
  it('the loss of a tunnel over the same radio: the order goes out again under the same id', async () => {
    const { clock, store, phone, finish } = setUp();
    phone.onOrder = async (attempt) => {
      if (attempt > 1) return DONE;
      phone.disconnect();
      clock.setTimeout(() => {
        phone.ip = NEW;
        phone.connect();
      }, 9_000);
      throw new FlowError('tunnel_lost');
    };
    const seconds = await finish();
    expect(phone.orders).toEqual(['r1-1 4s', 'r1-1 4s']);
    expect(store.log.at(-1)).toBe(`succeeded ${NEW}`);
    expect(seconds).toBeLessThan(11);
  });

  it('the loss of the tunnel while the address is observed', async () => {
    const { clock, store, phone, finish } = setUp();
    phone.onOrder = async () => {
      phone.disconnect();
      clock.setTimeout(() => {
        phone.ip = NEW;
        phone.connect();
      }, 20_000);
      return DONE;
    };
    await finish();
    expect(store.log.at(-1)).toBe(`succeeded ${NEW}`);
  });

  it.each([
    ['done', DONE],
    ['interrupted, for the radio may have been off', { status: 'failed', reason: 'interrupted', output: '' }],
  ] as const)(
    'a restart of the relay: the same order again, which the agent says is %s',
    async (_name, outcome) => {
      const running = { status: 'running', attempt: 2, holdSeconds: 8, oldIp: OLD } as const;
      const { store, phone, hold, finish } = setUp(running);
      phone.ip = NEW;
      phone.onOrder = async () => outcome;
      const ended = finish();
      // Held before anything is awaited: flows that come meanwhile must not find the old path.
      expect(hold.log).toEqual(['hold']);
      await ended;
      expect(phone.orders).toEqual(['r1-2 8s']);
      expect(store.log).toEqual(['observing', `succeeded ${NEW}`]);
    },
  );

  it('a restart of the relay with the attempts that were left', async () => {
    const { phone, store, finish } = setUp({ status: 'running', attempt: 2, holdSeconds: 8, oldIp: OLD });
    phone.onOrder = async () => DONE;
    await finish();
    expect(phone.orders).toEqual(['r1-2 8s', 'r1-3 16s']);
    expect(store.log.at(-1)).toBe(`unchanged same_address ${OLD}`);
  });

  it('a stop of the relay: nothing is ended, the next run goes on', async () => {
    const { store, phone, finish, giveUp } = setUp();
    phone.onOrder = () => new Promise(() => giveUp('stopping'));
    await finish();
    expect(store.log).toEqual([`begin 4s from ${OLD}`]);
    expect(store.ends).toEqual([]);
  });

  it('a database that is away when it ends, and lets flows go on meanwhile', async () => {
    const { clock, store, phone, hold, finish } = setUp();
    phone.onOrder = async () => {
      phone.ip = NEW;
      store.broken = 5;
      clock.setTimeout(() => expect(hold.held.size).toBe(0), 1_000);
      return DONE;
    };
    const seconds = await finish();
    expect(store.log.at(-1)).toBe(`succeeded ${NEW}`);
    expect(seconds).toBeGreaterThanOrEqual(6);
  });

  it('makes no further attempt that it cannot record', async () => {
    const { store, phone, addresses, finish } = setUp();
    addresses.splice(0, 1, OLD, NEW);
    const cycle = phone.onOrder;
    phone.onOrder = async (attempt, order) => {
      const outcome = await cycle(attempt, order);
      // Once for the step, once for the attempt.
      store.broken = 2;
      return outcome;
    };
    await finish();
    expect(phone.orders).toHaveLength(1);
    expect(store.log.at(-1)).toBe(`unchanged same_address ${OLD}`);
  });

  it('stops when its row is gone', async () => {
    const { store, phone, hold, addresses, finish } = setUp();
    addresses.splice(0, 1, OLD, NEW);
    const cycle = phone.onOrder;
    phone.onOrder = async (attempt, order) => {
      store.delete('r1');
      return await cycle(attempt, order);
    };
    await finish();
    expect(phone.orders).toHaveLength(1);
    expect(store.ends).toEqual([]);
    expect(hold.held.size).toBe(0);
  });
});
