import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { Canary } from './canary.ts';
import { DnsOrigin } from './dns-origin.ts';
import { UdpEcho } from './udp-echo.ts';

test('the name server answers what its zone says, and remembers who asked', async () => {
  const server = await DnsOrigin.start({
    'web.test': { a: ['11.22.33.80'], aaaa: ['2a10:cafe:33::80'], txt: 'lab' },
    'flip.test': { a: ['1.1.1.1', '127.0.0.1'], behaviour: 'flip' },
    'broken.test': { behaviour: 'servfail' },
    'silent.test': { behaviour: 'silent' },
  });
  const resolver = new Resolver({ timeout: 100, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
  expect(await resolver.resolve4('web.test')).toEqual(['11.22.33.80']);
  expect(await resolver.resolve6('WEB.test')).toEqual(['2a10:cafe:33::80']);
  expect(await resolver.resolveTxt('web.test')).toEqual([['lab']]);
  expect(await resolver.resolve4('flip.test')).toEqual(['1.1.1.1']);
  expect(await resolver.resolve4('flip.test')).toEqual(['127.0.0.1']);
  await expect(resolver.resolve4('missing.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(resolver.resolve4('broken.test')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  await expect(resolver.resolve4('silent.test')).rejects.toMatchObject({ code: 'ETIMEOUT' });
  expect(server.questions[0]).toEqual({ from: '127.0.0.1', name: 'web.test', type: 'A' });
  await server.close();
});

test('the echo returns datagrams of both families', async () => {
  for (const [host, type] of [
    ['127.0.0.1', 'udp4'],
    ['::1', 'udp6'],
  ] as const) {
    const echo = await UdpEcho.start(host);
    const client = createSocket(type);
    client.send('ping', echo.port, host);
    const [message] = await once(client, 'message');
    expect(String(message)).toBe('ping');
    expect(echo.received).toMatchObject([{ from: host, bytes: 4 }]);
    client.close();
    await echo.close();
  }
});

test('a canary notices connections, bytes and datagrams', async () => {
  const canary = await Canary.start();
  expect(canary.touched).toBe(false);
  const socket = connect(canary.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end('abc');
  await once(socket.resume(), 'close');
  expect(canary).toMatchObject({ connections: 1, bytes: 3, touched: true });
  await canary.close();
});
