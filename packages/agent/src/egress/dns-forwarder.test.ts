import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { FlowError } from '@pocketproxy/protocol';
import { type FakeClock, RealClock } from '@pocketproxy/runtime';
import { decode, encode } from 'dns-packet';
import { afterEach, describe, expect, test } from 'vitest';
import { DnsForwarder } from './dns-forwarder.ts';
import { TestDnsServer } from './testing/dns-server.ts';

const ANY = { ipv4: 'any', ipv6: 'any' } as const;
const QUERY = encode({
  type: 'query',
  id: 4_711,
  flags: 0x100,
  questions: [{ type: 'A', name: 'a.example' }],
});

function forwarder(servers: readonly string[], clock: FakeClock | RealClock = new RealClock()): DnsForwarder {
  return new DnsForwarder({ for: () => servers }, clock);
}

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

describe('DNS queries that are passed on', () => {
  test("come back with the client's number, and went out with another", async () => {
    const ids: number[] = [];
    const socket = createSocket('udp4');
    open.push(socket);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    socket.on('message', (message, from) => {
      const { id, questions = [] } = decode(message);
      ids.push(id!);
      // Neither another number nor another question is an answer.
      for (const forged of [
        { id: (id! + 1) & 0xffff, questions },
        { id: id!, questions: [{ type: 'A' as const, name: 'b.example' }] },
      ]) {
        socket.send(encode({ type: 'response', ...forged }), from.port, from.address);
      }
      socket.send(encode({ type: 'response', id: id!, questions, flags: 0x183 }), from.port, from.address);
    });
    const dns = forwarder([`127.0.0.1:${socket.address().port}`]);
    for (let i = 0; i < 4; i += 1) {
      const answer = decode(Buffer.from(await dns.forward(QUERY, ANY, true)));
      expect(answer).toMatchObject({ id: 4_711, rcode: 'NXDOMAIN' });
    }
    expect(new Set(ids).size).toBeGreaterThan(1);
  });

  test('are asked again by TCP when the answer was cut off', async () => {
    const { udp, tcp, port } = await serverOnBoth();
    open.push(udp, tcp);
    const answer = decode(Buffer.from(await forwarder([`127.0.0.1:${port}`]).forward(QUERY, ANY, true)));
    expect(answer.answers).toHaveLength(100);
  });

  test('are asked of the next server when one refuses to listen', async () => {
    const server = await TestDnsServer.start(() => ({ addresses: ['192.0.2.7'] }));
    open.push(server);
    const answer = await forwarder(['127.0.0.1:1', server.address]).forward(QUERY, ANY, true);
    expect(decode(Buffer.from(answer)).answers).toMatchObject([{ data: '192.0.2.7' }]);
  });

  test('fail when no server answers, when the path changes, and when they are none', async () => {
    const silent = await TestDnsServer.start(() => ({ after: new Promise(() => {}) }));
    open.push(silent);
    const dns = forwarder([silent.address]);
    const changed = dns.forward(QUERY, ANY, true);
    changed.catch(() => {});
    dns.reset();
    await expect(changed).rejects.toMatchObject({ code: 'egress_unavailable' });
    const deaf = forwarder(['127.0.0.1:1']).forward(QUERY, ANY, true);
    await expect(deaf).rejects.toMatchObject({ code: 'dns_timeout' });
    const nonsense = dns.forward(Buffer.from('nonsense'), ANY, true);
    await expect(nonsense).rejects.toBeInstanceOf(FlowError);
  });
});

/** Cut off by UDP, whole by TCP, on the same port. */
async function serverOnBoth(): Promise<{ udp: Socket; tcp: Server; port: number }> {
  const tcp = createServer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      const { id, questions = [] } = decode(chunk.subarray(2));
      const answers = Array.from({ length: 100 }, (_, i) => ({
        type: 'A' as const,
        name: 'a.example',
        data: `192.0.2.${i}`,
      }));
      const message = encode({ type: 'response', id: id!, questions, answers });
      const framed = Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]);
      socket.write(framed.subarray(0, 7));
      socket.end(framed.subarray(7));
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as { port: number };
  const udp = createSocket('udp4');
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  udp.on('message', (message, from) => {
    const { id, questions = [] } = decode(message);
    udp.send(encode({ type: 'response', id: id!, questions, flags: 0x380 }), from.port, from.address);
  });
  return { udp, tcp, port };
}
