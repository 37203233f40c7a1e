import { beforeEach, describe, expect, test } from 'vitest';
import { until } from './harness/until.ts';
import { inTheLab, useLabWorld } from './lab/lab-world.ts';
import { PLAN } from './lab/network-plan.ts';
import { LAB_UNAVAILABLE } from './lab/requirements.ts';
import { flowsDuring, rotationsOf, seenAddress } from './lab/rotation-flows.ts';

interface RotationView {
  readonly status: string;
  readonly oldIp: string | null;
  readonly newIp: string | null;
  readonly durationMs: number | null;
  readonly reason: string | null;
}

describe.skipIf(LAB_UNAVAILABLE)(inTheLab('a phone whose tunnel uses the radio that is switched'), () => {
  const world = useLabWorld({ tunnelInterface: 'rmnet0' });

  beforeEach(async () => {
    if (LAB_UNAVAILABLE === null) await world().lab.radio.plan(null);
  });

  const rotate = (): Promise<RotationView> =>
    world().server.api.call('POST', `/devices/${world().agent.deviceId}/rotate?waitSeconds=100`);

  test('gets another address, and customers leave with it', { timeout: 120_000 }, async () => {
    const { lab } = world();
    const before = lab.mobile;
    const rotation = await rotate();
    expect(rotation).toMatchObject({
      ...{ status: 'succeeded', reason: null },
      ...{ oldIp: before.ip4, newIp: lab.mobile.ip4 },
    });
    expect(lab.mobile.ip4).not.toBe(before.ip4);
    expect((await world().curl(`http://${PLAN.web.ip4}/ip`)).stdout).toBe(lab.mobile.ip4);
    console.info(`rotation over the tunnel's own radio: ${rotation.durationMs} ms`);
  });

  test('lets flows wait while there is no tunnel at all', { timeout: 120_000 }, async () => {
    const { lab, server, agent } = world();
    await server.api.changeDevice(agent.deviceId, { rotationHoldSeconds: 3, rotationWaitSeconds: 60 });
    const before = lab.mobile.ip4;
    const rotation = await rotationsOf(world()).begin();
    const seen = await flowsDuring(world(), rotation);
    const outcome = await rotationsOf(world()).ended(rotation);
    expect(outcome).toMatchObject({ status: 'succeeded', oldIp: before, newIp: lab.mobile.ip4 });
    expect(seen).toEqual(seen.map(() => lab.mobile.ip4));
    console.info(`rotation over the tunnel's own radio, 3 s hold: ${outcome.durationMs} ms`);
  });

  test('goes on when the server is killed while there is no tunnel', { timeout: 120_000 }, async () => {
    const { lab, server, agent } = world();
    await server.api.changeDevice(agent.deviceId, { rotationHoldSeconds: 6 });
    const before = lab.mobile.ip4;
    const rotation = await rotationsOf(world()).begin();
    await until('the radio to be off', async () => (await lab.radio.calls()).at(-1) === 'off');
    await server.end('SIGKILL');
    await server.launch();
    const seen = seenAddress(world());
    expect(await rotationsOf(world()).ended(rotation)).toMatchObject({
      ...{ status: 'succeeded', oldIp: before, newIp: lab.mobile.ip4 },
    });
    expect(await seen).toBe(lab.mobile.ip4);
  });

  test('has its radio on again after the agent was killed while it was off', {
    timeout: 120_000,
  }, async () => {
    const { lab, agent, server } = world();
    const before = lab.mobile;
    await server.api.call('POST', `/devices/${agent.deviceId}/rotate`);
    await until('the address to be gone', async () => {
      const { stdout } = await lab.hosts.phone.exec(['ip', '-brief', 'addr', 'show', 'dev', 'rmnet0']);
      return !stdout.includes(before.ip4);
    });
    await agent.end('SIGKILL');
    const calls = await lab.radio.calls();
    expect(calls.at(-1)).toBe('off');
    agent.launch();
    await until('the radio to be on', async () => (await lab.radio.calls()).length > calls.length);
    expect((await lab.radio.calls()).at(-1)).toBe('on');
    await until('traffic to flow again', async () => {
      const { stdout } = await world().curl(`http://${PLAN.web.ip4}/ip`);
      return stdout === lab.mobile.ip4;
    });
    expect(lab.mobile).not.toEqual(before);
  });
});
