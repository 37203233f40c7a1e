import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually, ListenerKit, proxyAuthorization } from '../testing/listener-kit.ts';

const AUTH = proxyAuthorization();

describe('Upgrade in absolute-form', () => {
  let kit: ListenerKit;
  let seen: string;

  beforeEach(async () => {
    kit = await ListenerKit.start();
    seen = '';
  });

  afterEach(() => kit.stop());

  function upgrade(port: number, fields = '', protocol = 'websocket'): string {
    const host = `a.test:${port}`;
    return (
      `GET http://${host}/chat HTTP/1.1\r\nHost: ${host}\r\n${AUTH}` +
      `Connection: keep-alive, Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Key: x\r\n${fields}\r\n`
    );
  }

  /** An origin that agrees to an upgrade and then echoes, or answers with `refusal`. */
  async function origin(refusal?: string): Promise<number> {
    const { port } = await kit.tcpOrigin((socket) => {
      socket.once('data', (chunk) => {
        seen = chunk.toString('latin1');
        const agreement =
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: y\r\n\r\nhello';
        socket.write(refusal ?? agreement);
        if (refusal === undefined) socket.pipe(socket);
      });
    });
    return port;
  }

  test('passes 101 on and joins both sides, with what either sent early', async () => {
    const port = await origin();
    const client = await kit.connect();
    client.send(`${upgrade(port)}early`);
    const head = await client.takeThrough('\r\n\r\n');
    expect(head).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: y\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect((await client.take(10)).toString()).toBe('helloearly');
    expect(seen).toBe(
      `GET /chat HTTP/1.1\r\nHost: a.test:${port}\r\nSec-WebSocket-Key: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    client.socket.end();
    expect(await client.end()).toBe('fin');
    await eventually(() => kit.ingress.flows.size).toBe(0);
  });

  test('ends the flow when the client resets, and the other way round', async () => {
    const port = await origin();
    const first = await kit.connect();
    first.send(upgrade(port));
    await first.takeThrough('hello');
    first.socket.resetAndDestroy();
    await eventually(() => kit.ingress.flows.size).toBe(0);
    const second = await kit.connect();
    second.send(upgrade(port));
    await second.takeThrough('hello');
    [...kit.ingress.flows][0]!.socket.resetAndDestroy();
    await second.end();
  });

  test('passes a refusal by the origin on, and closes', async () => {
    const port = await origin(
      'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\nX: 1\r\n\r\n2\r\nno\r\n0\r\n\r\n',
    );
    const client = await kit.connect();
    client.send(upgrade(port));
    expect(await client.end()).toBe('fin');
    expect(client.received.toString()).toBe('HTTP/1.1 403 Forbidden\r\nX: 1\r\nConnection: close\r\n\r\nno');
  });

  test('answers failures and wrong credentials as for other requests', async () => {
    kit.ingress.refused.set('a.test', 'device_offline');
    const client = await kit.connect();
    client.send(upgrade(80).replace(AUTH, ''));
    expect((await client.takeAnswer()).status).toBe(407);
    client.send(upgrade(80));
    expect((await client.takeAnswer()).status).toBe(503);
    expect(await client.end()).toBe('fin');
  });

  test('to another protocol is ignored, and the request served as if it were not there', async () => {
    const port = await origin('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    const client = await kit.connect();
    client.send(upgrade(port, 'HTTP2-Settings: x\r\n', 'h2c'));
    expect((await client.takeAnswer()).body).toBe('ok');
    expect(seen).not.toContain('Upgrade');
  });
});
