import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { basic, RawHttp } from './clients/raw-http.ts';
import { socketClosed } from './clients/socket-end.ts';
import { socks5 } from './clients/socks-client.ts';
import { SocksUdp } from './clients/socks-udp.ts';
import { type Endpoint, getThrough, startGet } from './clients/tunnelled.ts';
import { Rotations, type RotationView } from './harness/rotation.ts';
import { TestAgent } from './harness/test-agent.ts';
import { until, within } from './harness/until.ts';
import { useWorld } from './harness/world.ts';

const HOLD_SECONDS = 2;
const EXIT_PAGE: Endpoint = { host: 'ip.pocketproxy.internal', port: 80 };

interface HistoryEntry {
  readonly ip: string;
  readonly previousIp: string | null;
  readonly trigger: string;
  readonly rotationId: string | null;
}

describe('a rotation', () => {
  const world = useWorld();
  const rotations = () => new Rotations(world().server.api, world().agent.deviceId);
  const origin = (): Endpoint => ({ host: '127.0.0.1', port: world().origin.port });
  const settings = (fields: object) => world().server.api.changeDevice(world().agent.deviceId, fields);
  const faults = () => join(world().agent.stateDir, 'simulated-faults');
  const proxy = () => ({ host: '127.0.0.1', ...world().connection });
  const history = async () =>
    (
      await world().server.api.call<{ items: HistoryEntry[] }>(
        'GET',
        `/devices/${world().agent.deviceId}/ip-history`,
      )
    ).items;
  /** The address that the phone's egress really has, asked for through the connection. */
  const exitIp = async (): Promise<string> => {
    const { status, body } = await getThrough(world().connection, EXIT_PAGE);
    expect(status).toBe(200);
    return (JSON.parse(body) as { ip: string }).ip;
  };

  /** Phones of their own for rotations that take a minute or more; what becomes of them is looked at when that is due. */
  interface Slow {
    readonly agent: TestAgent;
    readonly rotations: Rotations;
    readonly rotation: RotationView;
  }
  /** Dies in its rotation and stays away. */
  let lost: Slow;
  /** Finds no network. */
  let searching: Slow;
  beforeAll(async () => {
    lost = await beginSlowly('Lost phone');
    await lost.agent.end('SIGKILL');
    searching = await beginSlowly('Searching phone', 'no-network', { rotationRetries: 0 });
  });
  afterAll(async () => {
    await lost?.agent.destroy();
    await searching?.agent.destroy();
  });

  /** A phone in the middle of a rotation that goes wrong. */
  async function beginSlowly(name: string, fault?: string, settingsOfPhone: object = {}): Promise<Slow> {
    const { server } = world();
    const agent = await TestAgent.start(server, name);
    await server.api.changeDevice(agent.deviceId, { rotationHoldSeconds: 1, ...settingsOfPhone });
    if (fault !== undefined) await writeFile(join(agent.stateDir, 'simulated-faults'), fault);
    const itsRotations = new Rotations(server.api, agent.deviceId);
    const rotation = await itsRotations.begin();
    await itsRotations.at(rotation, 'radio');
    return { agent, rotations: itsRotations, rotation };
  }

  beforeEach(async () => {
    await rm(faults(), { force: true });
    await settings({ rotationHoldSeconds: HOLD_SECONDS, rotationRetries: 0, rotationWaitSeconds: 30 });
    await world().agent.online();
  });

  test('succeeds with another address, which is in the history and is what customers leave with', async () => {
    const before = await exitIp();
    const rotation = await rotations().rotate();
    expect(rotation).toMatchObject({
      ...{ status: 'succeeded', step: 'finished', attempt: 1, oldIp: before, reason: null },
    });
    expect(rotation.newIp).not.toBe(before);
    expect(rotation.durationMs).toBeGreaterThanOrEqual(HOLD_SECONDS * 1000);
    expect(rotation.durationMs).toBeLessThan(HOLD_SECONDS * 1000 + 5_000);
    expect(await exitIp()).toBe(rotation.newIp);
    expect(await world().server.api.device(world().agent.deviceId)).toMatchObject({ exitIp: rotation.newIp });
    const [latest, first] = await history();
    expect(latest).toMatchObject({
      ...{ ip: rotation.newIp, previousIp: before, trigger: 'manual', rotationId: rotation.id },
    });
    expect(first).toMatchObject({ ip: before, previousIp: null, trigger: 'natural' });
    console.info(`rotation with ${HOLD_SECONDS} s hold: ${rotation.durationMs} ms`);
  });

  test('ends live flows, and those that come meanwhile wait and go on: HTTP, SOCKS, UDP', async () => {
    const download = await startGet(world().connection, origin(), '/endless');
    await download.answer();
    download.reader.discard();
    const downloadClosed = socketClosed(download.socket);
    const association = await SocksUdp.open(proxy());
    const associationClosed = socketClosed(association.control);

    // Long enough that flows which end only when the radio is back are told from those that end when it goes.
    await settings({ rotationHoldSeconds: 5 });
    const rotation = await rotations().begin();
    await rotations().at(rotation, 'radio');
    await within('the flows to end', 4_000, Promise.all([downloadClosed, associationClosed]));
    let over = false;
    const ended = rotations()
      .ended(rotation)
      .then((outcome) => {
        over = true;
        return outcome;
      });
    const waiting = await Promise.all([
      getThrough(world().connection, origin()),
      socks5(proxy(), 'connect', origin()),
      SocksUdp.open(proxy()),
      ...Array.from({ length: 20 }, () => getThrough(world().connection, origin())),
    ]);
    expect(await ended).toMatchObject({ status: 'succeeded' });
    expect(over).toBe(true);
    const [first, socks, udp, ...others] = waiting;
    expect(first.status).toBe(200);
    expect(socks.reply.code).toBe(0);
    expect(others.map((answer) => 'status' in answer && answer.status)).toEqual(others.map(() => 200));
    socks.socket.destroy();
    udp.control.destroy();
  });

  test('survives that the server is killed in the middle: same rotation, and flows wait from the start', {
    timeout: 60_000,
  }, async () => {
    const { server } = world();
    await settings({ rotationHoldSeconds: 6 });
    const before = await exitIp();
    const rotation = await rotations().begin();
    await rotations().at(rotation, 'radio');
    await server.end('SIGKILL');
    await server.launch();
    const flow = getThrough(world().connection, origin());
    const outcome = await rotations().ended(rotation);
    expect(outcome).toMatchObject({ id: rotation.id, status: 'succeeded', attempt: 1, oldIp: before });
    expect((await flow).status).toBe(200);
    expect(await exitIp()).toBe(outcome.newIp);
  });

  test('lets flows wait only as long as the device is set to', async () => {
    await settings({ rotationWaitSeconds: 1, rotationHoldSeconds: 4 });
    const rotation = await rotations().begin();
    await rotations().at(rotation, 'radio');
    const client = await RawHttp.open(world().connection.port);
    const answer = await client.connect(`127.0.0.1:${world().origin.port}`, basic(world().connection));
    expect(answer.head).toMatch(/^HTTP\/1.1 503 /);
    expect(answer.head).toMatch(/^Retry-After: \d+\r$/im);
    expect(answer.head).toMatch(/^Proxy-Status: .*destination_unavailable/im);
    client.close();
    const socks = await socks5(proxy(), 'connect', origin());
    expect(socks.reply.code).toBe(1);
    socks.socket.destroy();
    expect(await rotations().ended(rotation)).toMatchObject({ status: 'succeeded' });
    expect((await getThrough(world().connection, origin())).status).toBe(200);
  });

  test('is unchanged when the network gives the same address again and again', async () => {
    await settings({ rotationHoldSeconds: 1, rotationRetries: 1 });
    await writeFile(faults(), 'same-address');
    const before = await exitIp();
    expect(await rotations().rotate()).toMatchObject({
      ...{ status: 'unchanged', attempt: 2, reason: 'same_address', oldIp: before, newIp: before },
    });
    expect(await exitIp()).toBe(before);
  });

  test('fails when the radio does not switch, and the phone goes on with the old address', async () => {
    await writeFile(faults(), 'off-fails');
    const before = await exitIp();
    expect(await rotations().rotate()).toMatchObject({
      ...{ status: 'failed', attempt: 1, reason: 'radio_failed', newIp: null },
    });
    expect(await exitIp()).toBe(before);
  });

  test('fails when the phone finds no network, and the next one mends that', {
    timeout: 120_000,
  }, async () => {
    const { agent, rotations: itsRotations, rotation } = searching;
    const outcome = await itsRotations.ended(rotation);
    expect(outcome).toMatchObject({ status: 'failed', reason: 'not_registered' });
    await rm(join(agent.stateDir, 'simulated-faults'));
    expect(await itsRotations.rotate()).toMatchObject({ status: 'succeeded' });
  });

  test('survives that the phone dies in the middle, and the phone that comes back has its radio on', {
    timeout: 60_000,
  }, async () => {
    const { agent } = world();
    const before = await exitIp();
    const rotation = await rotations().begin();
    await rotations().at(rotation, 'radio');
    await agent.end('SIGKILL');
    const waiting = getThrough(world().connection, origin());
    agent.launch();
    const outcome = await rotations().ended(rotation);
    expect(outcome.status).toMatch(/^(succeeded|unchanged)$/);
    expect(await exitIp()).toBe(outcome.newIp);
    if (outcome.status === 'succeeded') expect(outcome.newIp).not.toBe(before);
    expect((await waiting).status).toBe(200);
  });

  test('fails when the phone does not come back, also when the server is killed while it waits', {
    timeout: 200_000,
  }, async () => {
    const outcome = await lost.rotations.ended(lost.rotation);
    expect(outcome).toMatchObject({ status: 'failed', attempt: 1, reason: 'phone_lost', newIp: null });
  });

  test('of a phone that was deleted meanwhile leaves the server well', async () => {
    const { server } = world();
    const { pid } = server.child;
    const rotation = await rotations().begin();
    await rotations().at(rotation, 'radio');
    await server.api.call('DELETE', `/devices/${world().agent.deviceId}`);
    await until('the port to be closed', async () => {
      try {
        (await RawHttp.open(world().connection.port)).close();
        return false;
      } catch {
        return true;
      }
    });
    expect(server.child.pid).toBe(pid);
    expect(await server.api.isReady()).toBe(true);
  });
});
