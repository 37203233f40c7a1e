import { describe, expect, test } from 'vitest';
import { until } from './harness/until.ts';
import { inTheLab, useLabWorld } from './lab/lab-world.ts';
import { PLAN } from './lab/network-plan.ts';
import { LAB_UNAVAILABLE } from './lab/requirements.ts';
import { dropSilently, stopDropping } from './lab/silent-drop.ts';

describe.skipIf(LAB_UNAVAILABLE)(inTheLab('a network that swallows everything'), () => {
  const world = useLabWorld();

  test('makes the phone unusable within 30 s, and it comes back by itself', {
    timeout: 120_000,
  }, async () => {
    const { lab, agent } = world();
    const status = async (): Promise<string> =>
      (
        await world().curl(
          '-o',
          '/dev/null',
          '-w',
          '%{http_code}',
          '--max-time',
          '30',
          `http://${PLAN.web.ip4}/`,
        )
      ).stdout;
    expect(await status()).toBe('200');
    await dropSilently(lab.hosts.wifi);
    await until('new requests to be refused', async () => (await status()) === '503', 30_000);
    // A flow that nobody answers is refused before the session is given up.
    await until('the phone to be seen as gone', async () => (await agent.status()) !== 'online', 30_000);
    await stopDropping(lab.hosts.wifi);
    await agent.online(45_000);
    expect(await status()).toBe('200');
  });
});
