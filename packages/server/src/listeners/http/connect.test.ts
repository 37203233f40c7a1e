import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually, ListenerKit, proxyAuthorization } from '../testing/listener-kit.ts';

const AUTH = proxyAuthorization();
const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';

describe('CONNECT', () => {
  let kit: ListenerKit;
  let echo: number;

  beforeEach(async () => {
    kit = await ListenerKit.start();
    echo = (await kit.tcpOrigin((socket) => socket.pipe(socket))).port;
  });

  afterEach(() => kit.stop());

  function connect(target: string, fields = AUTH, version = '1.1'): string {
    return `CONNECT ${target} HTTP/${version}\r\nHost: ${target}\r\n${fields}\r\n`;
  }

  test('joins both ways and passes each side’s end on', async () => {
    const client = await kit.connect();
    client.send(connect(`a.test:${echo}`));
    expect(await client.takeThrough('\r\n\r\n')).toBe(ESTABLISHED);
    client.send('ping');
    expect((await client.take(4)).toString()).toBe('ping');
    client.socket.end();
    expect(await client.end()).toBe('fin');
    expect(kit.ingress.asked).toEqual([{ host: 'a.test', port: echo }]);
  });

  test('lets data through after the client has ended', async () => {
    const { port } = await kit.tcpOrigin((socket) => {
      socket.resume();
      socket.on('end', () => socket.end('after the end'));
    });
    const client = await kit.connect();
    client.send(connect(`a.test:${port}`));
    await client.takeThrough('\r\n\r\n');
    client.socket.end();
    expect(await client.end()).toBe('fin');
    expect(client.received.toString()).toBe('after the end');
  });

  test('passes data on that came with the request', async () => {
    const client = await kit.connect();
    client.send(`${connect(`a.test:${echo}`)}early`);
    expect(await client.takeThrough('early')).toBe(`${ESTABLISHED}early`);
  });

  test('passes data on that came while it was dialled, a lot of it', async () => {
    let open = () => {};
    kit.ingress.held.set(
      'slow.test',
      new Promise((resolve) => {
        open = resolve;
      }),
    );
    const client = await kit.connect();
    client.send(connect(`slow.test:${echo}`));
    await eventually(() => kit.ingress.asked.length).toBe(1);
    const early = Buffer.alloc(1024 * 1024, 1);
    client.send(early);
    open();
    await client.takeThrough('\r\n\r\n');
    expect((await client.take(early.length)).equals(early)).toBe(true);
  });

  test('takes an HTTP/1.0 request and a Host without port', async () => {
    const old = await kit.connect();
    old.send(`CONNECT a.test:${echo} HTTP/1.0\r\n${AUTH}\r\n`);
    expect(await old.takeThrough('\r\n\r\n')).toBe(ESTABLISHED);
    const portless = await kit.connect();
    portless.send(`CONNECT a.test:${echo} HTTP/1.1\r\nHost: A.test\r\n${AUTH}\r\n`);
    expect(await portless.takeThrough('\r\n\r\n')).toBe(ESTABLISHED);
  });

  test('takes IPv6 in brackets', async () => {
    kit.ingress.refused.set('2001:db8::1', 'network_unreachable');
    const client = await kit.connect();
    client.send(connect('[2001:DB8::1]:443'));
    expect((await client.takeAnswer()).status).toBe(502);
    expect(kit.ingress.asked).toEqual([{ host: '2001:db8::1', port: 443 }]);
  });

  test('answers 407 and takes another try on the same connection', async () => {
    const client = await kit.connect();
    client.send(connect(`a.test:${echo}`, ''));
    const { status, head } = await client.takeAnswer();
    expect(status).toBe(407);
    expect(head).toContain('Proxy-Authenticate: Basic realm="PocketProxy"');
    expect(head).toContain('Connection: keep-alive');
    client.send(connect(`a.test:${echo}`, proxyAuthorization('user:wrong')));
    expect((await client.takeAnswer()).status).toBe(407);
    client.send(`${connect(`a.test:${echo}`)}early`);
    expect(await client.takeThrough('early')).toBe(`${ESTABLISHED}early`);
  });

  test('closes after the third wrong try, and at once when the client wants it so', async () => {
    const client = await kit.connect();
    for (let i = 0; i < 3; i += 1) {
      client.send(connect(`a.test:${echo}`, ''));
      expect((await client.takeAnswer()).status).toBe(407);
    }
    expect(await client.end()).toBe('fin');
    const closing = await kit.connect();
    closing.send(connect(`a.test:${echo}`, 'Connection: close\r\n'));
    expect((await closing.takeAnswer()).status).toBe(407);
    expect(await closing.end()).toBe('fin');
    expect(kit.ingress.asked).toEqual([]);
  });

  test('waits for a slow password check', async () => {
    kit.ingress.slow = true;
    const client = await kit.connect();
    client.send(connect(`a.test:${echo}`, ''));
    expect((await client.takeAnswer()).status).toBe(407);
    client.send(`${connect(`a.test:${echo}`)}early`);
    expect(await client.takeThrough('early')).toBe(`${ESTABLISHED}early`);
  });

  test.each([
    ['connection_refused', 502],
    ['dns_timeout', 504],
    ['tunnel_lost', 503],
    ['quota_exceeded', 403],
  ] as const)('answers %s with %i and closes', async (code, status) => {
    kit.ingress.refused.set('a.test', code);
    const client = await kit.connect();
    client.send(connect('a.test:443'));
    const answer = await client.takeAnswer();
    expect(answer.status).toBe(status);
    expect(answer.head).toMatch(/\r\nProxy-Status: pocketproxy; error=[a-z_]+; details="[^"]+"\r\n/);
    expect(answer.head).toContain('Connection: close');
    expect(answer.body).toContain(`connection "my "first" phone" on port ${kit.port}`);
    expect(await client.end()).toBe('fin');
  });

  test('gives the dial up when the client goes away', async () => {
    kit.ingress.held.set('slow.test', new Promise(() => {}));
    const client = await kit.connect();
    client.send(connect('slow.test:443'));
    await eventually(() => kit.ingress.asked.length).toBe(1);
    client.socket.resetAndDestroy();
    await eventually(() => kit.ingress.aborted).toBe(1);
  });

  test('may follow other requests on a connection, but not overtake one', async () => {
    const { port } = await kit.httpOrigin((_, response) => response.end('ok'));
    const get = `GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\n${AUTH}\r\n`;
    const client = await kit.connect();
    client.send(get);
    expect((await client.takeAnswer()).body).toBe('ok');
    client.send(connect(`a.test:${echo}`));
    expect(await client.takeThrough('\r\n\r\n')).toBe(ESTABLISHED);
    const hasty = await kit.connect();
    hasty.send(get + connect(`a.test:${echo}`));
    expect(await hasty.end()).toBe('reset');
  });

  test('passes a reset on in both directions', async () => {
    let closed = false;
    const { port } = await kit.tcpOrigin((socket) => {
      socket.on('data', (chunk) => {
        if (chunk.toString() === 'reset me') socket.resetAndDestroy();
      });
      socket.on('error', () => {
        closed = true;
      });
    });
    const client = await kit.connect();
    client.send(connect(`a.test:${port}`));
    await client.takeThrough('\r\n\r\n');
    client.send('reset me');
    expect(await client.end()).toBe('reset');
    const second = await kit.connect();
    second.send(connect(`a.test:${port}`));
    await second.takeThrough('\r\n\r\n');
    second.socket.resetAndDestroy();
    await eventually(() => closed).toBe(true);
  });
});
