import { beforeAll, describe, expect, test } from 'vitest';
import { inMs, tellFigure } from './harness/tell-figure.ts';
import { until } from './harness/until.ts';
import { CustomerUdp } from './lab/customer-udp.ts';
import { inTheLab, useLabWorld } from './lab/lab-world.ts';
import { PLAN, PORTS } from './lab/network-plan.ts';
import { PacketCapture } from './lab/packet-capture.ts';
import { LAB_UNAVAILABLE } from './lab/requirements.ts';

const ECHO = { host: PLAN.echo.ip4, port: PORTS.udpEcho };

describe.skipIf(LAB_UNAVAILABLE)(inTheLab('a UDP association'), () => {
  const world = useLabWorld();
  let udp: CustomerUdp;

  beforeAll(async () => {
    if (LAB_UNAVAILABLE) return;
    udp = await CustomerUdp.open(world());
    await udp.echo(ECHO, 'first');
  });

  test('drops what a stranger sends to the relay in the customer’s name', async () => {
    const { lab } = world();
    const seen = await lab.origins<unknown[]>('echo-received');
    const arrived = await PacketCapture.start(lab.hosts.vps, 'wan0', `udp and src host ${PLAN.stranger.ip4}`);
    const order = [0, 0, 0, 1, ...PLAN.echo.ip4.split('.').map(Number), 0, PORTS.udpEcho, 0x78];
    await lab.origins('stranger-sends', {
      host: udp.relay.host,
      port: udp.relay.port,
      base64: Buffer.from(order).toString('base64'),
    });
    await arrived.waitFor(/UDP/);
    await udp.echo(ECHO, 'second');
    // On a slow machine the customer asks once more, but the stranger's single byte must not be there.
    const since = (await lab.origins<{ bytes: number }[]>('echo-received')).slice(seen.length);
    expect(new Set(since.map(({ bytes }) => bytes))).toEqual(new Set(['second'.length]));
    await arrived.stop();
  });

  test('drops what a stranger sends to the phone’s port', async () => {
    const { lab } = world();
    const [sender] = (await lab.origins<{ from: string; port: number }[]>('echo-received')).slice(-1);
    expect(sender!.from).toBe(lab.mobile.ip4);
    const arrived = await PacketCapture.start(
      lab.hosts.phone,
      'rmnet0',
      `udp and src host ${PLAN.stranger.ip4}`,
    );
    const base64 = Buffer.from('unasked').toString('base64');
    await lab.origins('stranger-sends', { host: sender!.from, port: sender!.port, base64 });
    await arrived.waitFor(/UDP/);
    await udp.echo(ECHO, 'third');
    expect(new Set(udp.texts)).toEqual(new Set(['first', 'second', 'third']));
    await arrived.stop();
  });

  test('is gone within 1 s of its control connection, on the relay and on the phone', async () => {
    const { vps, phone } = world().lab.hosts;
    const udpPorts = async (host: typeof vps): Promise<string> => await host.run(['ss', '-unaH']);
    const [sender] = (await world().lab.origins<{ port: number }[]>('echo-received')).slice(-1);
    expect(await udpPorts(vps)).toContain(`:${udp.relay.port} `);
    expect(await udpPorts(phone)).toContain(`:${sender!.port} `);
    udp.order({ do: 'end-control' });
    await udp.child.log.waitFor(/control-closed/);
    const closedAt = performance.now();
    await until(
      'the relay’s port to be closed',
      async () => !(await udpPorts(vps)).includes(`:${udp.relay.port} `),
      1000,
    );
    await until(
      'the phone’s port to be closed',
      async () => !(await udpPorts(phone)).includes(`:${sender!.port} `),
      1000,
    );
    tellFigure(13, `gone ${inMs(performance.now() - closedAt)} after its control connection`);
  });
});
