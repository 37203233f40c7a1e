import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandOrder, CommandOutcome } from '@pocketproxy/protocol';
import { silentLogger } from '@pocketproxy/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OrderJournal } from './order-journal.ts';
import { Orders } from './orders.ts';
import { failed, succeeded } from './outcomes.ts';

const ROTATE: CommandOrder = { type: 'rotate_ip', holdSeconds: 1, registerWithinSeconds: 1 };
const RING: CommandOrder = { type: 'find_phone', seconds: 1 };

/** Carries orders out when the test says so. */
class SlowActions {
  readonly begun: string[] = [];
  readonly #done: ((outcome: CommandOutcome) => void)[] = [];

  carryOut(order: CommandOrder, signal: AbortSignal): Promise<CommandOutcome> {
    this.begun.push(order.type);
    return new Promise((resolve) => {
      this.#done.push(resolve);
      signal.addEventListener('abort', () => resolve(failed('interrupted', 'stopped')));
    });
  }

  finish(outcome: CommandOutcome): void {
    this.#done.shift()?.(outcome);
  }

  async untilBegun(count: number): Promise<void> {
    await expect.poll(() => this.begun.length).toBe(count);
  }
}

describe('orders', () => {
  let folder: string;
  let path: string;
  let actions: SlowActions;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agent-orders-'));
    path = join(folder, 'orders.json');
    actions = new SlowActions();
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** As after a start of the agent. */
  async function start(bootId = 'boot-1'): Promise<{ orders: Orders; journal: OrderJournal }> {
    const log = silentLogger();
    const journal = await OrderJournal.open({ path, bootId, now: () => 0, log });
    return { orders: new Orders({ journal, actions, log }), journal };
  }

  it('are carried out once, and whoever asks again waits for the same outcome', async () => {
    const { orders } = await start();
    const both = [orders.take('a', ROTATE), orders.take('a', ROTATE)];
    await actions.untilBegun(1);
    actions.finish(succeeded('done'));
    expect(await Promise.all(both)).toEqual([succeeded('done'), succeeded('done')]);
    expect(await orders.take('a', ROTATE)).toEqual(succeeded('done'));
    expect(actions.begun).toHaveLength(1);
  });

  it('are remembered across restarts, in a file that only its owner can read', async () => {
    const before = await start();
    const outcome = before.orders.take('a', ROTATE);
    await actions.untilBegun(1);
    actions.finish(failed('not_registered', 'no network'));
    await outcome;
    const { orders } = await start();
    expect(await orders.take('a', ROTATE)).toEqual(failed('not_registered', 'no network'));
    expect(actions.begun).toHaveLength(1);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('are recorded before they begin, and interrupted when the agent dies', async () => {
    const before = await start();
    void before.orders.take('a', ROTATE);
    await actions.untilBegun(1);
    const { orders, journal } = await start();
    expect(journal.interrupted).toEqual(['rotate_ip']);
    expect(await orders.take('a', ROTATE)).toMatchObject({ status: 'failed', reason: 'interrupted' });
    expect(actions.begun).toHaveLength(1);
    expect((await start()).journal.interrupted).toEqual([]);
  });

  it('have succeeded, if they were reboots and the system was started anew', async () => {
    const before = await start();
    void before.orders.take('same-boot', { type: 'reboot' });
    await actions.untilBegun(1);
    expect(await (await start()).orders.take('same-boot', { type: 'reboot' })).toMatchObject({
      reason: 'interrupted',
    });
    void (await start()).orders.take('other-boot', { type: 'reboot' });
    await actions.untilBegun(2);
    expect(await (await start('boot-2')).orders.take('other-boot', { type: 'reboot' })).toMatchObject({
      status: 'succeeded',
    });
  });

  it('that switch the radio or restart wait for each other, and others do not wait', async () => {
    const { orders } = await start();
    const rotation = orders.take('a', ROTATE);
    const restart = orders.take('b', { type: 'restart_agent' });
    await actions.untilBegun(1);
    void orders.take('c', RING);
    await actions.untilBegun(2);
    expect(actions.begun).toEqual(['rotate_ip', 'find_phone']);
    actions.finish(succeeded(''));
    await rotation;
    await actions.untilBegun(3);
    expect(actions.begun[2]).toBe('restart_agent');
    await orders.stop();
    expect(await restart).toMatchObject({ reason: 'interrupted' });
  });

  it('that wait when the agent stops are not begun, and can be asked for again', async () => {
    const { orders } = await start();
    const first = orders.take('a', ROTATE);
    const second = orders.take('b', ROTATE);
    await actions.untilBegun(1);
    await orders.stop();
    expect(await first).toMatchObject({ reason: 'interrupted' });
    await expect(second).rejects.toMatchObject({ code: 'device_offline' });
    const again = (await start()).orders.take('b', ROTATE);
    await actions.untilBegun(2);
    actions.finish(succeeded(''));
    actions.finish(succeeded(''));
    expect(await again).toMatchObject({ status: 'succeeded' });
  });

  it('that cannot be recorded are not carried out', async () => {
    const log = silentLogger();
    const journal = {
      outcome: () => null,
      begin: () => Promise.reject(new Error('disk full')),
      finish: async () => {},
    };
    const outcome = await new Orders({ journal, actions, log }).take('a', ROTATE);
    expect(outcome).toMatchObject({ status: 'failed', reason: 'failed' });
    expect(outcome.output).toContain('disk full');
    expect(actions.begun).toEqual([]);
  });

  it('are forgotten when 500 later ones have ended', async () => {
    const { journal } = await start();
    for (let i = 0; i <= 500; i += 1) {
      await journal.begin(`order-${i}`, 'wifi_on');
      await journal.finish(`order-${i}`, succeeded(''));
    }
    expect(journal.outcome('order-0')).toBeNull();
    expect(journal.outcome('order-1')).toEqual(succeeded(''));
    expect(JSON.parse(await readFile(path, 'utf8')).orders).toHaveLength(500);
  });

  it('begin anew when the journal is damaged, which is kept', async () => {
    await writeFile(path, '{"version":1,"orders":[{');
    const { orders } = await start();
    const outcome = orders.take('a', RING);
    await actions.untilBegun(1);
    actions.finish(succeeded('rang'));
    expect(await outcome).toEqual(succeeded('rang'));
    expect(await readFile(`${path}.unreadable`, 'utf8')).toContain('orders');
  });
});
