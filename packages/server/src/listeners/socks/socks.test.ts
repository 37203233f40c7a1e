import { once } from 'node:events';
import { writeSocksAddress } from '@pocketproxy/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually, ListenerKit, type RawClient } from '../testing/listener-kit.ts';

const LOGIN = [1, 4, ...Buffer.from('user'), 6, ...Buffer.from('secret')];
const WRONG_LOGIN = [1, 4, ...Buffer.from('user'), 5, ...Buffer.from('wrong')];
const SUCCEEDED = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

function request(command: number, host: string, port: number): Buffer {
  const bytes = Buffer.from(writeSocksAddress(host, port, 3));
  bytes[0] = 5;
  bytes[1] = command;
  return bytes;
}

describe('SOCKS on a connection port', () => {
  let kit: ListenerKit;
  let echo: number;

  beforeEach(async () => {
    kit = await ListenerKit.start();
    echo = (await kit.tcpOrigin((socket) => socket.pipe(socket))).port;
  });

  afterEach(() => kit.stop());

  async function loggedIn(): Promise<RawClient> {
    const client = await kit.connect();
    client.send([5, 1, 2]);
    expect(await client.take(2)).toEqual(Buffer.from([5, 2]));
    client.send(LOGIN);
    expect(await client.take(2)).toEqual(Buffer.from([1, 0]));
    return client;
  }

  test.each([
    ['an IPv4 address', '127.0.0.1'],
    ['a name', 'example.test'],
  ])('connects to %s and joins both ways', async (_, host) => {
    const client = await loggedIn();
    client.send(request(1, host, echo));
    expect(await client.take(10)).toEqual(SUCCEEDED);
    client.send('ping');
    expect((await client.take(4)).toString()).toBe('ping');
    client.socket.end();
    expect(await client.end()).toBe('fin');
    expect(kit.ingress.asked).toEqual([{ host, port: echo }]);
  });

  test('carries an IPv6 address to where it is dialled', async () => {
    kit.ingress.refused.set('2001:db8::1', 'network_unreachable');
    const client = await loggedIn();
    client.send(request(1, '2001:db8::1', 443));
    expect((await client.take(10))[1]).toBe(3);
    expect(kit.ingress.asked).toEqual([{ host: '2001:db8::1', port: 443 }]);
  });

  test('takes everything at once, one byte at a time, and loses no early data', async () => {
    const all = Buffer.concat([
      Buffer.from([5, 1, 2]),
      Buffer.from(LOGIN),
      request(1, 'a.test', echo),
      Buffer.from('early'),
    ]);
    const expected = Buffer.concat([Buffer.from([5, 2, 1, 0]), SUCCEEDED, Buffer.from('early')]);
    const atOnce = await kit.connect();
    atOnce.send(all);
    expect(await atOnce.take(expected.length)).toEqual(expected);
    const slowly = await kit.connect();
    for (const byte of all) {
      const written = new Promise((resolve) => slowly.socket.write(Buffer.from([byte]), resolve));
      await written;
    }
    expect(await slowly.take(expected.length)).toEqual(expected);
  });

  test('waits for a slow password check without losing what came meanwhile', async () => {
    kit.ingress.slow = true;
    const client = await kit.connect();
    client.send(
      Buffer.concat([Buffer.from([5, 1, 2, ...LOGIN]), request(1, 'a.test', echo), Buffer.from('early')]),
    );
    expect((await client.take(2 + 2 + 10 + 5)).subarray(14).toString()).toBe('early');
  });

  test('denies a wrong password and closes', async () => {
    const client = await kit.connect();
    client.send([5, 1, 2, ...WRONG_LOGIN]);
    expect(await client.take(4)).toEqual(Buffer.from([5, 2, 1, 1]));
    expect(await client.end()).toBe('fin');
    expect(kit.ingress.asked).toEqual([]);
  });

  test('denies a wrong password of a slow check too', async () => {
    kit.ingress.slow = true;
    const client = await kit.connect();
    client.send([5, 1, 2, ...WRONG_LOGIN, ...request(1, 'a.test', echo)]);
    expect(await client.take(4)).toEqual(Buffer.from([5, 2, 1, 1]));
    expect(await client.end()).toBe('fin');
    expect(kit.ingress.asked).toEqual([]);
  });

  test('does not let a client in without a password', async () => {
    const client = await kit.connect();
    client.send([5, 1, 0]);
    expect(await client.take(2)).toEqual(Buffer.from([5, 0xff]));
    expect(await client.end()).toBe('fin');
  });

  test('lets an allowed address in without a password', async () => {
    kit.ingress.allowlist.add('127.0.0.1');
    const client = await kit.connect();
    client.send([5, 2, 0, 2]);
    expect(await client.take(2)).toEqual(Buffer.from([5, 0]));
    client.send(request(1, 'a.test', echo));
    expect(await client.take(10)).toEqual(SUCCEEDED);
  });

  test.each([
    ['name_not_found', 4],
    ['connection_refused', 5],
    ['destination_refused', 2],
    ['device_offline', 1],
    ['connect_timeout', 6],
  ] as const)('answers %s with %i and closes', async (code, reply) => {
    kit.ingress.refused.set('a.test', code);
    const client = await loggedIn();
    client.send(request(1, 'a.test', 80));
    expect(await client.take(10)).toEqual(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]));
    expect(await client.end()).toBe('fin');
  });

  test.each([
    ['BIND', [5, 2, 0, 1, 1, 2, 3, 4, 0, 80], 7],
    ['an unknown command', [5, 9, 0, 1, 1, 2, 3, 4, 0, 80], 7],
    ['an unknown address type', [5, 1, 0, 9, 1, 2, 3, 4, 0, 80], 8],
    ['port 0', [5, 1, 0, 1, 1, 2, 3, 4, 0, 0], 1],
  ])('answers %s', async (_, bytes, reply) => {
    const client = await loggedIn();
    client.send(bytes);
    expect((await client.take(10))[1]).toBe(reply);
    expect(await client.end()).toBe('fin');
    expect(kit.ingress.asked).toEqual([]);
  });

  test('closes without an answer when the handshake is malformed', async () => {
    const client = await loggedIn();
    client.send([5, 1, 7, 1, 1, 2, 3, 4, 0, 80]);
    expect(await client.end()).toBe('fin');
    expect(client.received).toHaveLength(0);
  });

  test('gives the dial up when the client goes away', async () => {
    kit.ingress.held.set('slow.test', new Promise(() => {}));
    const client = await loggedIn();
    client.send(request(1, 'slow.test', 80));
    await eventually(() => kit.ingress.asked.length).toBe(1);
    client.socket.resetAndDestroy();
    await eventually(() => kit.ingress.aborted).toBe(1);
    expect(kit.listeners.clientCount).toBe(0);
  });

  test('passes a reset by the destination on as a reset', async () => {
    const { port } = await kit.tcpOrigin((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const client = await loggedIn();
    client.send(request(1, 'a.test', port));
    await client.take(10);
    client.send('x');
    expect(await client.end()).toBe('reset');
  });

  test('survives clients that reset at every stage', async () => {
    const stages: Buffer[] = [Buffer.from([5]), Buffer.from([5, 1, 2]), Buffer.from([5, 1, 2, ...LOGIN])];
    for (const bytes of stages) {
      const client = await kit.connect();
      await new Promise((resolve) => client.socket.write(bytes, resolve));
      client.socket.resetAndDestroy();
      await once(client.socket, 'close');
    }
    await eventually(() => kit.listeners.clientCount).toBe(0);
    await loggedIn();
  });

  describe('version 4', () => {
    const socks4 = (command: number, port: number, address: number[], ...texts: string[]) =>
      Buffer.from([4, command, port >> 8, port & 255, ...address, ...Buffer.from(`${texts.join('\0')}\0`)]);

    test('connects with user:password in the user id, to an address and to a name, and keeps early data', async () => {
      const byAddress = await kit.connect();
      byAddress.send(socks4(1, echo, [127, 0, 0, 1], 'user:secret')).send('early');
      expect(await byAddress.take(8)).toEqual(Buffer.from([0, 0x5a, 0, 0, 0, 0, 0, 0]));
      expect((await byAddress.take(5)).toString()).toBe('early');
      const byName = await kit.connect();
      byName.send(socks4(1, echo, [0, 0, 0, 1], 'user:secret', 'a.test'));
      expect((await byName.take(8))[1]).toBe(0x5a);
      expect(kit.ingress.asked[1]).toEqual({ host: 'a.test', port: echo });
    });

    test('needs the allowlist when the user id is a plain name', async () => {
      const denied = await kit.connect();
      denied.send(socks4(1, echo, [127, 0, 0, 1], 'user'));
      expect((await denied.take(8))[1]).toBe(0x5b);
      expect(await denied.end()).toBe('fin');
      kit.ingress.allowlist.add('127.0.0.1');
      const allowed = await kit.connect();
      allowed.send(socks4(1, echo, [127, 0, 0, 1], 'user'));
      expect((await allowed.take(8))[1]).toBe(0x5a);
    });

    test('rejects BIND, port 0 and destinations that cannot be reached', async () => {
      kit.ingress.refused.set('a.test', 'name_not_found');
      for (const bytes of [
        socks4(2, echo, [127, 0, 0, 1], 'user:secret'),
        socks4(1, 0, [127, 0, 0, 1], 'user:secret'),
        socks4(1, 80, [0, 0, 0, 1], 'user:secret', 'a.test'),
      ]) {
        const client = await kit.connect();
        client.send(bytes);
        expect((await client.take(8))[1]).toBe(0x5b);
        expect(await client.end()).toBe('fin');
      }
    });
  });
});
