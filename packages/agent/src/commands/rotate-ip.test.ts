import type { CommandOutcome } from '@pocketproxy/protocol';
import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Ability, Radio } from '../platform/controls.ts';
import { RadioGuard, type RadioMark } from './radio-guard.ts';
import { rotateIp } from './rotate-ip.ts';

const ORDER = { type: 'rotate_ip', holdSeconds: 4, registerWithinSeconds: 30 } as const;

/** A radio that fails as often as it is told to, and a network that gives an address while it is on. */
class FakeRadio implements Radio, RadioMark {
  readonly calls: string[] = [];
  offFailures = 0;
  onFailures = 0;
  isOn = true;
  registers = true;
  marked = false;
  address = 1;

  async off(): Promise<string> {
    this.calls.push('off');
    expect(this.marked).toBe(true);
    if (this.offFailures-- > 0) throw new Error('modem is busy');
    this.isOn = false;
    return 'is off';
  }

  async on(): Promise<string> {
    this.calls.push('on');
    if (this.onFailures-- > 0) throw new Error('modem is gone');
    if (!this.isOn) this.address += 1;
    this.isOn = true;
    return 'is on';
  }

  async status(): Promise<string> {
    return '';
  }

  async isSet(): Promise<boolean> {
    return this.marked;
  }

  async set(): Promise<void> {
    this.marked = true;
  }

  async clear(): Promise<void> {
    this.marked = false;
  }
}

describe('a rotation', () => {
  let radio: FakeRadio;
  let guard: RadioGuard;
  let clock: FakeClock;
  let events: string[];
  let stop: AbortController;

  beforeEach(() => {
    radio = new FakeRadio();
    clock = new FakeClock();
    events = [];
    stop = new AbortController();
    guard = makeGuard({ can: radio });
  });

  function makeGuard(ability: Ability<Radio>): RadioGuard {
    return new RadioGuard({ radio: async () => ability, mark: radio, clock, log: silentLogger() });
  }

  /** Moves time until there is an outcome; answers it and how long it took. */
  async function run(): Promise<CommandOutcome & { seconds: number }> {
    const network = {
      egressAddress: () => (radio.isOn && radio.registers ? `10.0.0.${radio.address}` : null),
      endFlows: () => events.push('flows ended'),
      radioSwitched: () => events.push(radio.isOn ? 'told on' : 'told off'),
    };
    const startedAt = clock.now();
    const outcome = rotateIp(ORDER, { radio: guard, network, clock }, stop.signal);
    return { ...(await passingTime(outcome)), seconds: (clock.now() - startedAt) / 1000 };
  }

  async function passingTime<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const watched = promise.finally(() => {
      settled = true;
    });
    watched.catch(() => {});
    while (!settled) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!settled) clock.advance(100);
    }
    return watched;
  }

  it('switches the radio off, waits, switches it on, and tells both addresses', async () => {
    const outcome = await run();
    expect(outcome).toMatchObject({ status: 'succeeded', reason: null });
    expect(outcome.output).toContain('is off\nis on\nEgress address 10.0.0.1 before, 10.0.0.2');
    expect(outcome.seconds).toBeGreaterThanOrEqual(4);
    expect(outcome.seconds).toBeLessThan(6);
    expect(radio).toMatchObject({ calls: ['off', 'on'], isOn: true, marked: false });
    expect(events).toEqual(['flows ended', 'told off', 'told on', 'told on']);
  });

  it('switches the radio on all the same when it does not switch off', async () => {
    radio.offFailures = 1;
    const outcome = await run();
    expect(outcome).toMatchObject({ status: 'failed', reason: 'radio_failed' });
    expect(outcome.output).toContain('modem is busy');
    expect(radio).toMatchObject({ calls: ['off', 'on'], marked: false });
    expect(events).not.toContain('flows ended');
  });

  it('tries several times to switch the radio on', async () => {
    radio.onFailures = 3;
    expect(await run()).toMatchObject({ status: 'succeeded' });
    expect(radio.calls).toEqual(['off', 'on', 'on', 'on', 'on']);
  });

  it('says so when the radio does not switch on, and goes on trying until it does', async () => {
    radio.onFailures = 6;
    const outcome = await run();
    expect(outcome).toMatchObject({ status: 'failed', reason: 'radio_failed' });
    expect(outcome.output).toContain('modem is gone');
    expect(radio).toMatchObject({ isOn: false, marked: true });
    await passingTime(expect.poll(() => radio.isOn, { timeout: 5_000 }).toBe(true));
    expect(radio.marked).toBe(false);
    expect(radio.calls.filter((call) => call === 'on')).toHaveLength(7);
  });

  it('says so when there is no network in time, with the radio on', async () => {
    radio.registers = false;
    const outcome = await run();
    expect(outcome).toMatchObject({ status: 'failed', reason: 'not_registered' });
    expect(outcome.seconds).toBeGreaterThanOrEqual(34);
    expect(radio).toMatchObject({ isOn: true, marked: false });
  });

  it('switches the radio on at once when the agent is asked to stop', async () => {
    radio.registers = false;
    setImmediate(() => stop.abort());
    const outcome = await run();
    expect(outcome).toMatchObject({ status: 'failed', reason: 'interrupted' });
    expect(outcome.seconds).toBeLessThan(2);
    expect(radio).toMatchObject({ calls: ['off', 'on'], isOn: true, marked: false });
  });

  it('is what an agent makes good for that died with the radio off', async () => {
    radio.marked = true;
    radio.isOn = false;
    await makeGuard({ can: radio }).recover(false);
    expect(radio).toMatchObject({ calls: ['on'], isOn: true, marked: false });
    await makeGuard({ can: radio }).recover(false);
    expect(radio.calls).toEqual(['on']);
    await makeGuard({ can: radio }).recover(true);
    expect(radio.calls).toEqual(['on', 'on']);
  });

  it('is made good later when the radio cannot be switched on at the start', async () => {
    radio.marked = true;
    radio.isOn = false;
    radio.onFailures = 1;
    const restarted = makeGuard({ can: radio });
    await restarted.recover(false);
    expect(radio.isOn).toBe(false);
    await passingTime(expect.poll(() => radio.isOn, { timeout: 5_000 }).toBe(true));
    restarted.close();
  });
});
