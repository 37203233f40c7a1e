import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { refusedSpellings } from '@pocketproxy/protocol/refused-spellings';
import { FakeClock } from '@pocketproxy/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceEgress } from './device-egress.ts';
import { type DnsScript, TestDnsServer } from './testing/dns-server.ts';
import { makeEgress } from './testing/egress-fixture.ts';
import { SilentDestination } from './testing/silent-destination.ts';

/** How long a slow machine may take; the wait ends with the event. */
const PATIENT = { timeout: 20_000 };
const LOCAL = { allowPrivate: true };
const STRICT = { allowPrivate: false };

/** A TCP server that records what reaches it. */
async function listen(host: string, port = 0): Promise<{ server: Server; port: number; accepted: Socket[] }> {
  const accepted: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => socket.write(data));
    socket.on('end', () => socket.end());
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, accepted };
}

describe('the egress', () => {
  let origin: Awaited<ReturnType<typeof listen>>;
  let dns: TestDnsServer | null = null;
  let egress: DeviceEgress;

  beforeEach(async () => {
    origin = await listen('127.0.0.1');
    egress = makeEgress();
  });

  afterEach(async () => {
    await egress.close();
    dns?.close();
    dns = null;
    for (const socket of origin.accepted) socket.destroy();
    origin.server.close();
  });

  async function withNames(script: DnsScript): Promise<TestDnsServer> {
    dns = await TestDnsServer.start(script);
    egress = makeEgress({ dnsServers: [dns.address] });
    return dns;
  }

  const code = (promise: Promise<unknown>) => promise.then(() => 'connected').catch((error) => error.code);

  it('dials an address, and the socket stays open for reading after its end was sent', async () => {
    const socket = await egress.connect({ host: '127.0.0.1', port: origin.port }, LOCAL);
    expect(socket.listenerCount('error')).toBeGreaterThan(0);
    expect(socket.allowHalfOpen).toBe(true);
    socket.end('hello');
    const [data] = await once(socket, 'data');
    expect(String(data)).toBe('hello');
    await once(socket, 'end');
  });

  it('survives a reset that comes before the new owner listens', async () => {
    const socket = await egress.connect({ host: '127.0.0.1', port: origin.port }, LOCAL);
    await expect.poll(() => origin.accepted.length, PATIENT).toBe(1);
    origin.accepted[0]?.resetAndDestroy();
    await expect.poll(() => socket.resume().destroyed, PATIENT).toBe(true);
    expect(socket.errored).toMatchObject({ code: 'ECONNRESET' });
  });

  it('refuses every spelling of a forbidden address, without one connection', async () => {
    const outcomes = new Set<string>();
    for (const host of refusedSpellings()) {
      outcomes.add(await code(egress.connect({ host, port: origin.port }, STRICT)));
    }
    expect([...outcomes]).toEqual(['destination_refused']);
    expect(origin.accepted).toHaveLength(0);
  });

  it('refuses names that resolve to a forbidden address, IPv4-mapped too', async () => {
    await withNames((_name, type) => ({
      addresses: type === 'A' ? ['127.0.0.1'] : ['::1', '::ffff:127.0.0.1'],
    }));
    expect(await code(egress.connect({ host: 'evil.example', port: origin.port }, STRICT))).toBe(
      'destination_refused',
    );
    expect(origin.accepted).toHaveLength(0);
  });

  it('asks once, and dials the address that it checked, whatever the next answer would be', async () => {
    const server = await withNames((_name, type, asked) =>
      type === 'A' ? { addresses: [asked === 0 ? '127.0.0.1' : '0.0.0.0'], ttl: 0 } : {},
    );
    const socket = await egress.connect({ host: 'flip.example', port: origin.port }, LOCAL);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    expect(server.asked.filter((one) => one === 'A flip.example')).toHaveLength(1);
    socket.destroy();
  });

  it('checks the next answer of a name that flips like the first', async () => {
    // Dialling 0.0.0.0 would reach this host; it is refused even where loopback is allowed.
    await withNames((_name, type, asked) =>
      type === 'A' ? { addresses: [asked % 2 === 0 ? '127.0.0.1' : '0.0.0.0'], ttl: 0 } : {},
    );
    const outcomes: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      outcomes.push(await code(egress.connect({ host: 'flip.example', port: origin.port }, LOCAL)));
    }
    expect(outcomes).toEqual(['connected', 'destination_refused', 'connected', 'destination_refused']);
    expect(origin.accepted).toHaveLength(2);
  });

  it('keeps an answer for its time to live, and asks once for flows that start together', async () => {
    const clock = new FakeClock();
    const server = await withNames((_name, type) =>
      type === 'A' ? { addresses: ['127.0.0.1'], ttl: 30 } : {},
    );
    egress = makeEgress({ dnsServers: [server.address], clock });
    const go = async () =>
      (await egress.connect({ host: 'cached.example', port: origin.port }, LOCAL)).destroy();
    await Promise.all([go(), go(), go()]);
    await go();
    expect(server.asked.filter((one) => one === 'A cached.example')).toHaveLength(1);
    clock.advance(31_000);
    await go();
    expect(server.asked.filter((one) => one === 'A cached.example')).toHaveLength(2);
  });

  it('keeps the answer that a name does not exist for a few seconds only', async () => {
    const clock = new FakeClock();
    const server = await withNames(() => undefined);
    egress = makeEgress({ dnsServers: [server.address], clock });
    const ask = () => code(egress.connect({ host: 'missing.example', port: 80 }, STRICT));
    expect(await ask()).toBe('name_not_found');
    expect(await ask()).toBe('name_not_found');
    expect(server.asked).toHaveLength(2);
    clock.advance(6_000);
    await ask();
    expect(server.asked).toHaveLength(4);
  });

  it('tells a name that does not exist from a resolver that fails', async () => {
    await withNames((name) => (name.startsWith('broken') ? { rcode: 'SERVFAIL' } : {}));
    await expect(egress.connect({ host: 'broken.example', port: 80 }, STRICT)).rejects.toMatchObject({
      code: 'name_not_found',
      detail: expect.stringContaining('SERVFAIL'),
    });
    expect(await code(egress.connect({ host: 'empty.example', port: 80 }, STRICT))).toBe('name_not_found');
  });

  it('says that the resolvers did not answer in time', async () => {
    const clock = new FakeClock();
    const server = await withNames(() => ({ after: new Promise(() => {}) }));
    egress = makeEgress({ dnsServers: [server.address], clock });
    const dialled = code(egress.connect({ host: 'silent.example', port: 80 }, STRICT));
    await expect.poll(() => server.asked.length, PATIENT).toBeGreaterThanOrEqual(2);
    clock.advance(5_000);
    expect(await dialled).toBe('dns_timeout');
  });

  it('falls back to the other family when the first does not connect', async () => {
    await withNames((_name, type) => ({ addresses: type === 'A' ? ['127.0.0.1'] : ['::1'] }));
    const socket = await egress.connect({ host: 'both.example', port: origin.port }, LOCAL);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });

  it('does not wait for an IPv6 answer that never comes', async () => {
    await withNames((_name, type) =>
      type === 'A' ? { addresses: ['127.0.0.1'] } : { after: new Promise(() => {}) },
    );
    const socket = await egress.connect({ host: 'slow6.example', port: origin.port }, LOCAL);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });

  it('dials a late address of the other family when the early ones fail', async () => {
    let sendV4: (value?: unknown) => void = () => {};
    const after = new Promise((resolve) => {
      sendV4 = resolve;
    });
    await withNames((_name, type) =>
      type === 'A' ? { addresses: ['127.0.0.1'], after } : { addresses: ['::1'] },
    );
    const dialled = egress.connect({ host: 'late4.example', port: origin.port }, LOCAL);
    await expect.poll(() => dns!.asked.length, PATIENT).toBe(2);
    sendV4();
    const socket = await dialled;
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });

  it('starts the next address after the attempt delay and destroys the loser', async () => {
    await withNames((_name, type) => (type === 'A' ? { addresses: ['127.0.0.3', '127.0.0.1'] } : {}));
    const silent = await SilentDestination.start('127.0.0.3', origin.port);
    egress = makeEgress({
      dnsServers: [dns!.address],
      times: { connectTimeoutMs: 10_000, attemptDelayMs: 20 },
    });
    const socket = await egress.connect({ host: 'race.example', port: origin.port }, LOCAL);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
    silent.close();
  });

  it('says that a destination did not answer in time', async () => {
    const silent = await SilentDestination.start('127.0.0.3');
    egress = makeEgress({ times: { connectTimeoutMs: 30, attemptDelayMs: 250 } });
    expect(await code(egress.connect({ host: '127.0.0.3', port: silent.port }, LOCAL))).toBe(
      'connect_timeout',
    );
    silent.close();
  });

  it('says that a destination refused', async () => {
    const gone = await listen('127.0.0.1');
    gone.server.close();
    expect(await code(egress.connect({ host: '127.0.0.1', port: gone.port }, LOCAL))).toBe(
      'connection_refused',
    );
  });

  it('gives up with its signal', async () => {
    const silent = await SilentDestination.start('127.0.0.3');
    const controller = new AbortController();
    const dialled = code(
      egress.connect({ host: '127.0.0.3', port: silent.port }, { ...LOCAL, signal: controller.signal }),
    );
    controller.abort();
    expect(await dialled).toBe('connection_reset');
    silent.close();
  });

  it('reaches localhost without a resolver where that is allowed', async () => {
    const socket = await egress.connect({ host: 'app.localhost', port: origin.port }, LOCAL);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
    expect(await code(egress.connect({ host: 'localhost', port: origin.port }, STRICT))).toBe(
      'destination_refused',
    );
  });

  it("knows the host's own names", async () => {
    egress = makeEgress({ hosts: { 'lab.example': ['127.0.0.1'] } });
    const socket = await egress.connect({ host: 'lab.example', port: origin.port }, LOCAL);
    socket.destroy();
    expect(await code(egress.connect({ host: 'lab.example', port: origin.port }, STRICT))).toBe(
      'destination_refused',
    );
  });

  it('refuses port 25, port 0, its own address and the relay', async () => {
    egress = makeEgress({
      policyOptions: {
        relayAddresses: () => new Set(['12.34.56.10']),
        ownAddresses: () => new Set(['2a10:cafe::7']),
      },
    });
    const attempts = [
      { host: '8.8.8.8', port: 25 },
      { host: '8.8.8.8', port: 0 },
      { host: '12.34.56.10', port: 443 },
      { host: '64:ff9b::12.34.56.10', port: 443 },
      { host: '2a10:cafe:0::7', port: 443 },
    ];
    for (const attempt of attempts) {
      expect(await code(egress.connect(attempt, STRICT)), attempt.host).toBe('destination_refused');
    }
    expect(await code(egress.connect({ host: '12.34.56.10', port: 443 }, LOCAL))).toBe('destination_refused');
  });
});
