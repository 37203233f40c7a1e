import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { describe, expect, it } from 'vitest';
import { ExitAddresses } from './exit-addresses.ts';

function setUp(random = 0.5) {
  const clock = new FakeClock();
  const recorded: string[] = [];
  const asked: Array<{ id: string; answer: (ip: string) => void }> = [];
  const addresses = new ExitAddresses({
    devices: { recordExitIp: async (id, ip) => void recorded.push(`${id} ${ip}`) },
    clock,
    log: silentLogger(),
    random: () => random,
  });
  const session = (deviceId: string) => ({
    deviceId,
    exitIp: () => new Promise<string>((answer) => asked.push({ id: deviceId, answer })),
  });
  return { clock, recorded, asked, addresses, session };
}

describe('exit addresses', () => {
  it.each([
    [0, 240_000],
    [0.5, 300_000],
    [0.999_999, 360_000],
  ])('are observed every five minutes, give or take one (random %d)', async (random, afterMs) => {
    const { clock, asked, addresses, session } = setUp(random);
    const stop = addresses.watch(session('d1'));
    clock.advance(afterMs - 1);
    expect(asked).toHaveLength(0);
    clock.advance(1);
    expect(asked).toHaveLength(1);
    clock.advance(afterMs);
    expect(asked).toHaveLength(2);
    stop();
    clock.advance(afterMs);
    expect(asked).toHaveLength(2);
  });

  it('are stored', async () => {
    const { recorded, asked, addresses, session } = setUp();
    addresses.observe(session('d1'));
    asked[0]?.answer('198.51.100.7');
    await expect.poll(() => recorded).toEqual(['d1 198.51.100.7']);
  });

  it('are asked for of 32 devices at a time, and of one that ended meanwhile not at all', async () => {
    const { asked, addresses, session } = setUp();
    const sessions = Array.from({ length: 34 }, (_, index) => session(`d${index}`));
    const stops = sessions.map((one) => addresses.watch(one));
    for (const one of sessions) addresses.observe(one);
    expect(asked).toHaveLength(32);
    stops[32]?.();
    asked[0]?.answer('198.51.100.7');
    await expect.poll(() => asked.length).toBe(33);
    expect(asked[32]?.id).toBe('d33');
  });
});
