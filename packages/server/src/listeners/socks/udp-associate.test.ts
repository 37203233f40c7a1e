import dgram from 'node:dgram';
import { once } from 'node:events';
import {
  decodeUdpDatagram,
  encodeUdpDatagram,
  readSocksAddress,
  writeSocksAddress,
} from '@pocketproxy/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FakeAssociation } from '../testing/fake-ingress.ts';
import { eventually, ListenerKit, type RawClient } from '../testing/listener-kit.ts';

const HANDSHAKE = [5, 1, 2, 1, 4, ...Buffer.from('user'), 6, ...Buffer.from('secret')];

describe('UDP ASSOCIATE', () => {
  let kit: ListenerKit;
  let echo: dgram.Socket;
  const sockets: dgram.Socket[] = [];

  beforeEach(async () => {
    kit = await ListenerKit.start();
    echo = await udpSocket();
    echo.on('message', (data, peer) => echo.send(data, peer.port, peer.address));
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    await kit.stop();
  });

  async function udpSocket(address = '127.0.0.1'): Promise<dgram.Socket> {
    const socket = dgram.createSocket('udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    sockets.push(socket);
    return socket;
  }

  /** Associates; answers the control connection, the relay's UDP port and the ingress's side. */
  async function associate(
    host = '0.0.0.0',
    port = 0,
  ): Promise<{ control: RawClient; port: number; association: FakeAssociation }> {
    const control = await kit.connect();
    const request = Buffer.from(writeSocksAddress(host, port, 3));
    request[0] = 5;
    request[1] = 3;
    control.send(HANDSHAKE).send(request);
    await control.take(4);
    const reply = await control.take(10);
    expect([...reply.subarray(0, 4)]).toEqual([5, 0, 0, 1]);
    const bound = readSocksAddress(reply, 3);
    if (typeof bound === 'string') throw new Error(bound);
    expect(bound.host).toBe('127.0.0.1');
    return { control, port: bound.port, association: [...kit.ingress.associations].at(-1)! };
  }

  function datagram(text: string, host = 'echo.test', port = echo.address().port): Uint8Array {
    return encodeUdpDatagram({ host, port, data: Buffer.from(text) });
  }

  test('carries datagrams both ways, with the sender in front of what comes back', async () => {
    const { port, association } = await associate();
    const client = await udpSocket();
    client.send(datagram('ping'), port, '127.0.0.1');
    const [bytes] = (await once(client, 'message')) as [Buffer];
    const answer = decodeUdpDatagram(bytes)!;
    expect(answer).toMatchObject({ host: '127.0.0.1', port: echo.address().port });
    expect(Buffer.from(answer.data).toString()).toBe('ping');
    expect(association.sent[0]).toMatchObject({ host: 'echo.test', port: echo.address().port });
  });

  test('drops fragments, malformed datagrams and those for port 0', async () => {
    const { port, association } = await associate();
    const client = await udpSocket();
    const fragment = datagram('fragment');
    fragment[2] = 1;
    client.send(fragment, port, '127.0.0.1');
    client.send(Buffer.from([0, 0]), port, '127.0.0.1');
    client.send(datagram('nowhere', 'echo.test', 0), port, '127.0.0.1');
    client.send(datagram('good'), port, '127.0.0.1');
    await once(client, 'message');
    expect(association.sent.map(({ data }) => Buffer.from(data).toString())).toEqual(['good']);
  });

  test('takes datagrams from the first port of the client alone, and answers only there', async () => {
    const { port, association } = await associate();
    const [first, second] = [await udpSocket(), await udpSocket()];
    first.send(datagram('first'), port, '127.0.0.1');
    await once(first, 'message');
    second.send(datagram('second'), port, '127.0.0.1');
    first.send(datagram('third'), port, '127.0.0.1');
    await once(first, 'message');
    expect(association.sent.map(({ data }) => Buffer.from(data).toString())).toEqual(['first', 'third']);
  });

  test('takes datagrams from the announced port alone when the client named its own address', async () => {
    const [announced, other] = [await udpSocket(), await udpSocket()];
    const { port, association } = await associate('127.0.0.1', announced.address().port);
    other.send(datagram('other'), port, '127.0.0.1');
    announced.send(datagram('announced'), port, '127.0.0.1');
    await once(announced, 'message');
    expect(association.sent.map(({ data }) => Buffer.from(data).toString())).toEqual(['announced']);
  });

  test('takes no datagram from another address than that of the control connection', async () => {
    const { port, association } = await associate();
    const [foreign, own] = [await udpSocket('127.0.0.2'), await udpSocket()];
    foreign.send(datagram('foreign'), port, '127.0.0.1');
    own.send(datagram('own'), port, '127.0.0.1');
    await once(own, 'message');
    expect(association.sent.map(({ data }) => Buffer.from(data).toString())).toEqual(['own']);
  });

  test('delivers nothing before the client has shown where it is', async () => {
    const { port, association } = await associate();
    association.deliver({ host: '192.0.2.1', port: 53, data: Buffer.from('lost') });
    const client = await udpSocket();
    client.send(datagram('ping'), port, '127.0.0.1');
    const [bytes] = (await once(client, 'message')) as [Buffer];
    expect(Buffer.from(decodeUdpDatagram(bytes)!.data).toString()).toBe('ping');
  });

  test.each(['end', 'resetAndDestroy'] as const)(
    'is gone when the control connection is (%s)',
    async (how) => {
      const { control, association } = await associate();
      control.socket[how]();
      await association.closed;
      await eventually(() => kit.listeners.clientCount).toBe(0);
    },
  );

  test.each(['FIN', 'RST'])('is given up when its client goes away before it is open (%s)', async (how) => {
    kit.ingress.held.set('udp', new Promise(() => {}));
    const control = await kit.connect();
    const request = Buffer.from(writeSocksAddress('0.0.0.0', 0, 3));
    request[0] = 5;
    request[1] = 3;
    control.send(HANDSHAKE).send(request);
    await control.take(4);
    if (how === 'FIN') control.socket.destroy();
    else control.socket.resetAndDestroy();
    await eventually(() => kit.ingress.aborted === 1);
    expect(kit.ingress.associations.size).toBe(0);
  });

  test('ends the control connection when the association is gone', async () => {
    const { control, association } = await associate();
    association.close();
    await control.end();
  });

  test('ends when the clients of the port are ended', async () => {
    const { association } = await associate();
    kit.listeners.destroyConnection(kit.port);
    await association.closed;
  });

  test('is refused with the reason', async () => {
    kit.ingress.refused.set('udp', 'device_offline');
    const control = await kit.connect();
    control.send(HANDSHAKE).send([5, 3, 0, 1, 0, 0, 0, 0, 0, 0]);
    await control.take(4);
    expect((await control.take(10))[1]).toBe(1);
    expect(await control.end()).toBe('fin');
  });

  test('survives a datagram that is too large to be sent', async () => {
    const { port, association } = await associate();
    const client = await udpSocket();
    client.send(datagram('one'), port, '127.0.0.1');
    await once(client, 'message');
    association.deliver({ host: '192.0.2.1', port: 53, data: Buffer.alloc(65_530) });
    client.send(datagram('two'), port, '127.0.0.1');
    const [bytes] = (await once(client, 'message')) as [Buffer];
    expect(Buffer.from(decodeUdpDatagram(bytes)!.data).toString()).toBe('two');
  });

  test('announces another address when the relay is set so', async () => {
    await kit.stop();
    kit = await ListenerKit.start({ announcedUdpHost: '203.0.113.9' });
    const control = await kit.connect();
    control.send(HANDSHAKE).send([5, 3, 0, 1, 0, 0, 0, 0, 0, 0]);
    await control.take(4);
    expect(readSocksAddress(await control.take(10), 3)).toMatchObject({ host: '203.0.113.9' });
  });
});
