import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { FakeClock } from '@pocketproxy/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceEgress } from './device-egress.ts';
import { type SimulatedFault, SimulatedNetwork } from './simulated-network.ts';
import { makeEgress } from './testing/egress-fixture.ts';

const LOCAL = { allowPrivate: true };
const onLinux = process.platform === 'linux';

describe('a simulated mobile network', () => {
  let origin: Server;
  let clock: FakeClock;
  let faults: SimulatedFault[];
  let remembered: string[];
  let network: SimulatedNetwork;
  let egress: DeviceEgress;

  beforeEach(async () => {
    clock = new FakeClock();
    faults = [];
    remembered = [];
    origin = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(String(socket.remoteAddress));
    });
    origin.listen(0, '127.0.0.1');
    await once(origin, 'listening');
    network = makeNetwork();
    egress = makeEgress({ path: network });
  });
  afterEach(async () => {
    await egress.close();
    origin.close();
  });

  function makeNetwork(wholeLoopback = onLinux, address: string | null = null): SimulatedNetwork {
    return new SimulatedNetwork({
      address,
      remember: async (given) => void remembered.push(given),
      faults: async () => new Set(faults),
      wholeLoopback,
      random: Math.random,
      clock,
    });
  }

  const dial = () =>
    egress.connect({ host: '127.0.0.1', port: (origin.address() as AddressInfo).port }, LOCAL);

  async function seen(): Promise<string> {
    const socket = await dial();
    const [address] = await once(socket, 'data');
    socket.destroy();
    return String(address);
  }

  async function rotate(): Promise<void> {
    await network.off();
    await network.on();
    clock.advance(1_000);
  }

  it.skipIf(!onLinux)('gives another loopback address each time the radio was off', async () => {
    expect(await seen()).toBe('127.0.0.1');
    expect(egress.egressAddress()).toBe('127.0.0.1');
    await rotate();
    const first = await seen();
    expect(first).toBe(egress.egressAddress());
    await rotate();
    const second = await seen();
    expect(new Set(['127.0.0.1', first, second]).size).toBe(3);
    expect(remembered).toEqual([first, second]);
    egress = makeEgress({ path: makeNetwork(true, second) });
    expect(await seen()).toBe(second);
  });

  it('resets flows when the radio goes off, and refuses new ones until it is registered', async () => {
    const socket = await dial();
    const closed = once(socket, 'close');
    await network.off();
    await closed;
    expect(egress.egressAddress()).toBeNull();
    await expect(dial()).rejects.toMatchObject({ code: 'egress_unavailable' });
    await network.on();
    await expect(dial()).rejects.toMatchObject({ code: 'egress_unavailable' });
    clock.advance(1_000);
    (await dial()).destroy();
  });

  it('keeps its address when it is on already, when it is told to, and where there is no other', async () => {
    await network.on();
    expect(egress.egressAddress()).toBe('127.0.0.1');
    faults = ['same-address'];
    await rotate();
    expect(await seen()).toBe('127.0.0.1');
    faults = [];
    network = makeNetwork(false);
    egress = makeEgress({ path: network });
    await rotate();
    expect(await seen()).toBe('127.0.0.1');
  });

  it('fails as it is told to', async () => {
    faults = ['off-fails'];
    await expect(network.off()).rejects.toThrow();
    expect(egress.egressAddress()).not.toBeNull();
    faults = ['on-fails'];
    await network.off();
    await expect(network.on()).rejects.toThrow();
    faults = ['no-network'];
    await network.on();
    clock.advance(60_000);
    expect(egress.egressAddress()).toBeNull();
    faults = [];
    await rotate();
    expect(egress.egressAddress()).not.toBeNull();
  });

  it.skipIf(!onLinux)('sends UDP from the address of the day, too, and counts it', async () => {
    const peer = createSocket('udp4');
    peer.bind(0, '127.0.0.1');
    await once(peer, 'listening');
    await rotate();
    const association = egress.openUdp(LOCAL, () => {});
    const arrived = once(peer, 'message');
    association.send({ host: '127.0.0.1', port: peer.address().port, data: new Uint8Array(100) });
    const [, from] = await arrived;
    expect(from.address).toBe(egress.egressAddress());
    expect(egress.bytes()).toEqual({ up: 100, down: 0 });
    peer.close();
  });

  it('counts the bytes of flows that are open and of those that have ended', async () => {
    const socket = await dial();
    await once(socket, 'data');
    expect(egress.bytes()).toEqual({ up: 0, down: '127.0.0.1'.length });
    socket.destroy();
    await once(socket, 'close');
    await seen();
    expect(egress.bytes()).toEqual({ up: 0, down: 2 * '127.0.0.1'.length });
  });
});
