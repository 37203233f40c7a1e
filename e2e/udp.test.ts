import { decode, encode } from 'dns-packet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SocksUdp } from './clients/socks-udp.ts';
import { until } from './harness/until.ts';
import { useWorld } from './harness/world.ts';
import { DnsOrigin } from './origins/dns-origin.ts';
import { UdpEcho } from './origins/udp-echo.ts';

const world = useWorld();
let echo4: UdpEcho;
let echo6: UdpEcho;
let dns: DnsOrigin;
let client: SocksUdp;

beforeAll(async () => {
  echo4 = await UdpEcho.start('127.0.0.1');
  echo6 = await UdpEcho.start('::1');
  dns = await DnsOrigin.start({ 'web.test': { a: ['11.22.33.80'] } });
  client = await SocksUdp.open({ host: '127.0.0.1', ...world().connection });
});

afterAll(async () => {
  client?.close();
  await echo4?.close();
  await echo6?.close();
  await dns?.close();
});

test('a datagram goes to an echo and back, over IPv4, IPv6 and by name', async () => {
  const over4 = await client.ask({ host: '127.0.0.1', port: echo4.port }, 'four');
  expect(over4).toMatchObject({ host: '127.0.0.1', port: echo4.port });
  expect(String(over4.data)).toBe('four');
  const over6 = await client.ask({ host: '::1', port: echo6.port }, 'six');
  expect(over6).toMatchObject({ host: '0:0:0:0:0:0:0:1', port: echo6.port });
  expect(String(over6.data)).toBe('six');
  const byName = await client.ask({ host: 'localhost', port: echo4.port }, 'named');
  expect(String(byName.data)).toBe('named');
});

test('a DNS server is asked through the association', async () => {
  const query = encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'web.test' }] });
  const { data } = await client.ask({ host: '127.0.0.1', port: dns.port }, query);
  expect(decode(data)).toMatchObject({ id: 7, answers: [{ name: 'web.test', data: '11.22.33.80' }] });
});

test('big datagrams pass whole', async () => {
  const big = Buffer.alloc(8000, 'b');
  const { data } = await client.ask({ host: '127.0.0.1', port: echo4.port }, big);
  expect(data.equals(big)).toBe(true);
});

test('fragments are dropped, and garbage does no harm', async () => {
  const before = echo4.received.length;
  client.sendRaw(Buffer.from([0, 0, 1, 1, 127, 0, 0, 1, echo4.port >> 8, echo4.port & 255, 65]));
  client.sendRaw(Buffer.from([0, 0]));
  client.sendRaw(Buffer.from([0, 0, 0, 9, 1, 2, 3]));
  await client.ask({ host: '127.0.0.1', port: echo4.port }, 'after');
  const since = echo4.received.slice(before);
  expect(since.every(({ bytes }) => bytes === 'after'.length)).toBe(true);
});

test('both directions of the payload are counted', async () => {
  const metered = await world().connect('Metered UDP');
  const own = await SocksUdp.open({ host: '127.0.0.1', ...metered });
  const reply = await own.ask({ host: '127.0.0.1', port: echo4.port }, Buffer.alloc(1000), 1);
  own.close();
  expect(reply.data.length).toBe(1000);
  await until('the datagrams to be counted', async () => {
    const { up, down } = await world().server.api.bandwidth(metered.id);
    return up === 1000 && down === 1000;
  });
});
