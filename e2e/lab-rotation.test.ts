import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Rotations } from './harness/rotation.ts';
import { openServerDatabase } from './harness/server-database.ts';
import { until } from './harness/until.ts';
import { CustomerUdp } from './lab/customer-udp.ts';
import { inTheLab, useLabWorld } from './lab/lab-world.ts';
import { PLAN, PORTS } from './lab/network-plan.ts';
import { PacketCapture } from './lab/packet-capture.ts';
import { LAB_UNAVAILABLE } from './lab/requirements.ts';
import { flowsDuring, rotationsOf, seenAddress } from './lab/rotation-flows.ts';
import { TrafficMeter } from './lab/traffic-meter.ts';

const TUNNEL = `ip daddr ${PLAN.vps.ip4} tcp dport 7443`;
/** Everything but the tunnel and the talk of the link itself. */
const LEAKS = `ip or ip6 and not (host ${PLAN.vps.ip4} and tcp port 7443) and not icmp6 and not igmp`;

describe.skipIf(LAB_UNAVAILABLE)(inTheLab('rotating a phone that has its tunnel by Wi-Fi'), () => {
  const world = useLabWorld();
  const rotations = (): Rotations => rotationsOf(world());
  let wifi: TrafficMeter;
  let leaks: PacketCapture;

  beforeAll(async () => {
    if (LAB_UNAVAILABLE) return;
    const { phone } = world().lab.hosts;
    leaks = await PacketCapture.start(phone, 'wlan0', LEAKS);
    wifi = await TrafficMeter.start(phone, 'wlan0', [TUNNEL]);
  });

  beforeEach(async () => {
    if (LAB_UNAVAILABLE) return;
    await world().lab.radio.plan(null);
    await configure({ rotationHoldSeconds: 2, rotationRetries: 0, rotationWaitSeconds: 60 });
  });

  const configure = (fields: object) => world().server.api.changeDevice(world().agent.deviceId, fields);

  /** Nothing but the tunnel has left by Wi-Fi, whatever became of the mobile network. */
  async function expectNoLeak(): Promise<void> {
    expect(leaks.packets).toEqual([]);
    expect((await wifi.read()).other).toBe(0);
  }

  test('changes the address of rmnet0; flows wait and leave with the new one; nothing leaves by wlan0', async () => {
    const { lab } = world();
    const before = lab.mobile.ip4;
    const udp = await CustomerUdp.open(world());
    await udp.echo({ host: PLAN.echo.ip4, port: PORTS.udpEcho }, 'before');
    const rotation = await rotations().begin();
    const seen = await flowsDuring(world(), rotation);
    const outcome = await rotations().ended(rotation);
    expect(outcome).toMatchObject({ status: 'succeeded', oldIp: before, newIp: lab.mobile.ip4, attempt: 1 });
    expect(lab.mobile.ip4).not.toBe(before);
    expect(seen).toEqual(seen.map(() => lab.mobile.ip4));
    // The association of the old address is gone with it.
    await udp.child.log.waitFor(/"control-closed"/);
    await udp.close();
    const next = await CustomerUdp.open(world());
    await next.echo({ host: PLAN.echo.ip4, port: PORTS.udpEcho }, 'after');
    await next.close();
    await expectNoLeak();
    console.info(`rotation with 2 s hold: ${outcome.durationMs} ms`);
  });

  test('tries longer when the address stays, and learns from it', async () => {
    const { lab, server, agent } = world();
    await configure({ rotationHoldSeconds: null, rotationRetries: 2 });
    await lab.radio.plan('same-address', 1);
    const rotation = await rotations().begin();
    const seen = await flowsDuring(world(), rotation);
    expect(await rotations().ended(rotation)).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(seen).toEqual(seen.map(() => lab.mobile.ip4));
    const database = openServerDatabase(server);
    const [device] = await database`select learned_hold_seconds from devices where id = ${agent.deviceId}`;
    await database.end();
    expect(device).toEqual({ learned_hold_seconds: 8 });
    await expectNoLeak();
  });

  test('says that the address is the same when it is', async () => {
    const { lab } = world();
    const before = lab.mobile.ip4;
    await lab.radio.plan('same-address');
    expect(await rotations().rotate()).toMatchObject({
      ...{ status: 'unchanged', reason: 'same_address', oldIp: before, newIp: before },
    });
    expect(await seenAddress(world())).toBe(before);
    await expectNoLeak();
  });

  test('fails when the radio does not switch off, and customers go on with the old address', async () => {
    const { lab } = world();
    const before = lab.mobile.ip4;
    await lab.radio.plan('off-fails');
    expect(await rotations().rotate()).toMatchObject({ status: 'failed', reason: 'radio_failed' });
    expect(await seenAddress(world())).toBe(before);
    await expectNoLeak();
  });

  test('fails when no network is found; customers are refused, not led over Wi-Fi', {
    timeout: 120_000,
  }, async () => {
    const { lab } = world();
    await lab.radio.plan('no-network');
    expect(await rotations().rotate()).toMatchObject({ status: 'failed', reason: 'not_registered' });
    expect(await seenAddress(world())).toMatch(/no mobile network/);
    await expectNoLeak();
    await lab.radio.plan(null);
    expect(await rotations().rotate()).toMatchObject({ status: 'succeeded' });
    expect(await seenAddress(world())).toBe(lab.mobile.ip4);
  });

  test('goes on when the agent dies in the middle', { timeout: 60_000 }, async () => {
    const { lab, agent } = world();
    const before = lab.mobile.ip4;
    const rotation = await rotations().begin();
    await rotations().at(rotation, 'radio');
    await until('the radio to be off', async () => (await lab.radio.calls()).at(-1) === 'off');
    await agent.end('SIGKILL');
    const waiting = seenAddress(world());
    agent.launch();
    expect(await rotations().ended(rotation)).toMatchObject({ status: 'succeeded', newIp: lab.mobile.ip4 });
    expect(lab.mobile.ip4).not.toBe(before);
    expect(await waiting).toBe(lab.mobile.ip4);
    await expectNoLeak();
  });

  test('goes on when the server is killed in the middle, and flows wait from its first moment', {
    timeout: 60_000,
  }, async () => {
    const { lab, server } = world();
    const before = lab.mobile.ip4;
    await configure({ rotationHoldSeconds: 8 });
    const rotation = await rotations().begin();
    await rotations().at(rotation, 'radio');
    const calls = (await lab.radio.calls()).length;
    await server.end('SIGKILL');
    await server.launch();
    const seen = await Promise.all(Array.from({ length: 8 }, () => seenAddress(world())));
    expect(await rotations().ended(rotation)).toMatchObject({
      ...{ status: 'succeeded', attempt: 1, oldIp: before, newIp: lab.mobile.ip4 },
    });
    expect(seen).toEqual(seen.map(() => lab.mobile.ip4));
    // The order that went out a second time was not carried out a second time.
    expect((await lab.radio.calls()).slice(calls - 1).filter((call) => call === 'off').length).toBeLessThan(
      2,
    );
    await expectNoLeak();
  });

  test('is told apart from a change that nobody asked for', async () => {
    const { lab, server, agent } = world();
    const before = lab.mobile.ip4;
    await lab.detachMobile();
    await lab.attachMobile(77);
    const [latest] = await until('the new address to be in the history', async () => {
      const { items } = await server.api.call<{ items: { ip: string }[] }>(
        'GET',
        `/devices/${agent.deviceId}/ip-history`,
      );
      return items[0]?.ip === lab.mobile.ip4 && items;
    });
    expect(latest).toMatchObject({ trigger: 'natural', previousIp: before, rotationId: null });
    await expectNoLeak();
  });
});
