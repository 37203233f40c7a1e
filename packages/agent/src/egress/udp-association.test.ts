import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { UdpDatagram } from '@pocketproxy/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceEgress } from './device-egress.ts';
import type { EgressUdp } from './egress.ts';
import { TestDnsServer } from './testing/dns-server.ts';
import { makeEgress } from './testing/egress-fixture.ts';

/** How long a slow machine may take; the wait ends with the event. */
const PATIENT = { timeout: 20_000 };
const LOCAL = { allowPrivate: true };
const bytes = (text: string) => new TextEncoder().encode(text);

interface Peer {
  readonly socket: Socket;
  readonly port: number;
  readonly seen: { text: string; from: RemoteInfo }[];
}

/** A UDP echo that records what it gets. */
async function startEcho(host = '127.0.0.1'): Promise<Peer> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', ipv6Only: host.includes(':') });
  const seen: Peer['seen'] = [];
  socket.on('message', (data, from) => {
    seen.push({ text: String(data), from });
    socket.send(data, from.port, from.address);
  });
  socket.bind(0, host);
  await once(socket, 'listening');
  return { socket, port: socket.address().port, seen };
}

describe('a UDP association', () => {
  let echo: Peer;
  let egress: DeviceEgress;
  let dns: TestDnsServer;
  let association: EgressUdp;
  let received: UdpDatagram[];
  const texts = () => received.map((datagram) => Buffer.from(datagram.data).toString());

  beforeEach(async () => {
    echo = await startEcho();
    dns = await TestDnsServer.start((name, type) =>
      name === 'echo.example' && type === 'A' ? { addresses: ['127.0.0.1'] } : undefined,
    );
    egress = makeEgress({ dnsServers: [dns.address] });
    received = [];
    association = egress.openUdp(LOCAL, (datagram) => received.push(datagram));
  });

  afterEach(async () => {
    association.close();
    await egress.close();
    echo.socket.close();
    dns.close();
  });

  it('carries datagrams both ways and tells who answered', async () => {
    association.send({ host: '127.0.0.1', port: echo.port, data: bytes('one') });
    await expect.poll(texts, PATIENT).toEqual(['one']);
    expect(received[0]).toMatchObject({ host: '127.0.0.1', port: echo.port });
  });

  it('keeps its local port from one datagram to the next', async () => {
    association.send({ host: '127.0.0.1', port: echo.port, data: bytes('one') });
    association.send({ host: '127.1', port: echo.port, data: bytes('two') });
    await expect.poll(() => received.length, PATIENT).toBe(2);
    expect(new Set(echo.seen.map(({ from }) => from.port)).size).toBe(1);
  });

  it('reaches names', async () => {
    association.send({ host: 'echo.example', port: echo.port, data: bytes('named') });
    await expect.poll(texts, PATIENT).toEqual(['named']);
  });

  it('reaches IPv6', async () => {
    const six = await startEcho('::1');
    association.send({ host: '::1', port: six.port, data: bytes('six') });
    await expect.poll(texts, PATIENT).toEqual(['six']);
    expect(received[0]).toMatchObject({ host: '::1', port: six.port });
    six.socket.close();
  });

  it('drops datagrams of peers that it never sent to', async () => {
    const stranger = await startEcho();
    association.send({ host: '127.0.0.1', port: echo.port, data: bytes('one') });
    await expect.poll(texts, PATIENT).toEqual(['one']);
    const { port } = echo.seen[0]!.from;
    stranger.socket.send('uninvited', port, '127.0.0.1');
    // The echo's later datagram arrives behind the stranger's on the same socket.
    await new Promise((resolve) => stranger.socket.send('uninvited', port, '127.0.0.1', resolve));
    echo.socket.send('two', port, '127.0.0.1');
    await expect.poll(texts, PATIENT).toEqual(['one', 'two']);
    stranger.socket.close();
  });

  it('drops what is refused, unknown or malformed, and goes on', async () => {
    const strict = egress.openUdp({ allowPrivate: false }, (datagram) => received.push(datagram));
    strict.send({ host: '127.0.0.1', port: echo.port, data: bytes('refused') });
    strict.send({ host: 'echo.example', port: echo.port, data: bytes('refused') });
    association.send({ host: '127.0.0.1', port: 25, data: bytes('refused') });
    association.send({ host: '224.0.0.1', port: echo.port, data: bytes('refused') });
    association.send({ host: 'missing.example', port: echo.port, data: bytes('unknown') });
    association.send({ host: 'a b', port: 0, data: bytes('malformed') });
    association.send({ host: '127.0.0.1', port: echo.port, data: bytes('allowed') });
    await expect.poll(texts, PATIENT).toEqual(['allowed']);
    expect(echo.seen.map(({ text }) => text)).toEqual(['allowed']);
    strict.close();
  });

  it('says nothing after it was closed', async () => {
    association.send({ host: '127.0.0.1', port: echo.port, data: bytes('one') });
    await expect.poll(texts, PATIENT).toEqual(['one']);
    association.close();
    association.send({ host: '127.0.0.1', port: echo.port, data: bytes('two') });
    association.close();
    expect(texts()).toEqual(['one']);
  });
});
