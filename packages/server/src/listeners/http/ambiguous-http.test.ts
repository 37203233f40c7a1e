import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually, ListenerKit, proxyAuthorization, type RawClient } from '../testing/listener-kit.ts';

const AUTH = proxyAuthorization();

describe('HTTP that could be read in two ways', () => {
  let kit: ListenerKit;
  let port: number;
  /** Bytes that the origin was sent. */
  let seen = '';

  beforeAll(async () => {
    kit = await ListenerKit.start();
    ({ port } = await kit.tcpOrigin((socket) => {
      socket.on('data', (chunk) => {
        seen += chunk.toString('latin1');
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    }));
  });

  beforeEach(() => {
    seen = '';
    kit.ingress.asked.length = 0;
  });

  afterAll(() => kit.stop());

  const host = () => `a.test:${port}`;
  const get = (fields: string, host_ = `Host: ${host()}\r\n`) =>
    `GET http://${host()}/ HTTP/1.1\r\n${host_}${AUTH}${fields}\r\n`;
  const post = (fields: string, body: string) =>
    `POST http://${host()}/ HTTP/1.1\r\nHost: ${host()}\r\n${AUTH}${fields}\r\n${body}`;
  const chunked = (body: string) => post('Transfer-Encoding: chunked\r\n', body);
  const connect = (target: string, fields = `Host: ${target}\r\n`) =>
    `CONNECT ${target} HTTP/1.1\r\n${AUTH}${fields}\r\n`;

  const CASES: Record<string, () => string> = {
    'Content-Length and Transfer-Encoding': () =>
      post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    'Transfer-Encoding and Content-Length': () =>
      post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'),
    'two different Content-Lengths': () => post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello'),
    'two equal Content-Lengths': () => post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'),
    'a list of Content-Lengths': () => post('Content-Length: 5, 5\r\n', 'hello'),
    'a Content-Length with a sign': () => post('Content-Length: +5\r\n', 'hello'),
    'a negative Content-Length': () => post('Content-Length: -5\r\n', 'hello'),
    'a hexadecimal Content-Length': () => post('Content-Length: 0x5\r\n', 'hello'),
    'an empty Content-Length': () => post('Content-Length: \r\n', 'hello'),
    'two numbers in a Content-Length': () => post('Content-Length: 1 2\r\n', 'hello'),
    'a Content-Length past 64 bits': () => post('Content-Length: 99999999999999999999\r\n', 'hello'),
    'a Content-Length past 53 bits': () => post('Content-Length: 18446744073709551615\r\n', 'hello'),
    xchunked: () => post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'),
    identity: () => post('Transfer-Encoding: identity\r\n', 'hello'),
    'quoted chunked': () => post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n'),
    'chunked with a parameter': () => post('Transfer-Encoding: chunked;x=y\r\n', '0\r\n\r\n'),
    'chunked that is not last': () => post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'),
    'chunked twice': () => post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'),
    'an empty coding': () => post('Transfer-Encoding: \r\n', '0\r\n\r\n'),
    'a vertical tab before chunked': () => post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'),
    'two Transfer-Encoding fields': () =>
      post('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    'chunked in HTTP/1.0': () =>
      `POST http://${host()}/ HTTP/1.0\r\n${AUTH}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'two Hosts': () => get('', `Host: ${host()}\r\nHost: b.test\r\n`),
    'two equal Hosts': () => get('', `Host: ${host()}\r\nHost: ${host()}\r\n`),
    'no Host': () => get('', ''),
    'another Host': () => get('', 'Host: b.test\r\n'),
    'a Host with another port': () => get('', 'Host: a.test\r\n'),
    'an empty Host': () => get('', 'Host: \r\n'),
    'a Host with user information': () => get('', `Host: x@${host()}\r\n`),
    'LF alone everywhere': () => get('').replaceAll('\r\n', '\n'),
    'LF alone after the request line': () => get('').replace('HTTP/1.1\r\n', 'HTTP/1.1\n'),
    'LF alone after a field': () => get('X: y\n'),
    'LF alone at the end of the head': () => get('').replace(/\r\n$/, '\n'),
    'CR alone in a field': () => get('X: a\rY: b\r\n'),
    'a folded field': () => get('X: a\r\n b\r\n'),
    'a field folded with a tab': () => get('X: a\r\n\tb\r\n'),
    'a space before the first field': () => get('').replace('\r\nHost', '\r\n Host'),
    'NUL in a field': () => get('X: a\0b\r\n'),
    'a control character in a field': () => get('X: a\x01b\r\n'),
    'DEL in a field': () => get('X: a\x7fb\r\n'),
    'a space before the colon': () => get('X : a\r\n'),
    'a space in a field name': () => get('X Y: a\r\n'),
    'a field without a name': () => get(': a\r\n'),
    'a field without a colon': () => get('X\r\n'),
    'a space in the target': () => get('').replace('/ HTTP', '/a b HTTP'),
    'a control character in the target': () => get('').replace('/ HTTP', '/\x01 HTTP'),
    'a tab after the method': () => get('').replace('GET ', 'GET\t'),
    'a space after the version': () => get('').replace('HTTP/1.1\r\n', 'HTTP/1.1 \r\n'),
    'HTTP/0.9': () => `GET http://${host()}/\r\n\r\n`,
    'HTTP/2.0': () => get('').replace('HTTP/1.1', 'HTTP/2.0'),
    'the preface of HTTP/2': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'a path alone': () => get('').replace(`http://${host()}/`, '/'),
    'OPTIONS *': () => get('').replace(`GET http://${host()}/`, 'OPTIONS *'),
    'another scheme': () => get('').replace('http://', 'https://'),
    'user information in the target': () => get('').replace('http://', 'http://x@'),
    'two sets of credentials': () => get(AUTH),
    'a chunk size in LF alone': () => chunked('5\nhello\r\n0\r\n\r\n'),
    'chunk data in LF alone': () => chunked('5\r\nhello\n0\r\n\r\n'),
    'chunk data without an end': () => chunked('5\r\nhello0\r\n\r\n'),
    'a chunk extension in LF alone': () => chunked('5;\nhello\r\n0\r\n\r\n'),
    'a chunk size with 0x': () => chunked('0x5\r\nhello\r\n0\r\n\r\n'),
    'a chunk size with a sign': () => chunked('+5\r\nhello\r\n0\r\n\r\n'),
    'a negative chunk size': () => chunked('-5\r\nhello\r\n0\r\n\r\n'),
    'a chunk size with a space after it': () => chunked('5 \r\nhello\r\n0\r\n\r\n'),
    'a chunk size with a space before it': () => chunked(' 5\r\nhello\r\n0\r\n\r\n'),
    'a chunk size that overflows': () => chunked('10000000000000005\r\nhello\r\n0\r\n\r\n'),
    'an empty chunk size': () => chunked('\r\nhello\r\n0\r\n\r\n'),
    'a chunk size that is no number': () => chunked('5g\r\nhello\r\n0\r\n\r\n'),
    'a last chunk in LF alone': () => chunked('5\r\nhello\r\n0\n\n'),
    'a trailer in LF alone': () => chunked('5\r\nhello\r\n0\r\nX: y\n\r\n'),
    'Content-Length in the trailer': () => chunked('5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n'),
    'CONNECT without a port': () => connect('a.test'),
    'CONNECT to port 0': () => connect('a.test:0'),
    'CONNECT to port 65536': () => connect('a.test:65536'),
    'CONNECT with user information': () => connect(`x@${host()}`, `Host: ${host()}\r\n`),
    'CONNECT with a path': () => connect(`${host()}/`, `Host: ${host()}\r\n`),
    'CONNECT with a scheme': () => connect(`http://${host()}`, `Host: ${host()}\r\n`),
    'CONNECT without Host': () => connect(host(), ''),
    'CONNECT with two Hosts': () => connect(host(), `Host: ${host()}\r\nHost: ${host()}\r\n`),
    'CONNECT with another Host': () => connect(host(), 'Host: b.test\r\n'),
    'CONNECT with a body': () => `${connect(host(), `Host: ${host()}\r\nContent-Length: 5\r\n`)}hello`,
    'CONNECT with chunks': () =>
      `${connect(host(), `Host: ${host()}\r\nTransfer-Encoding: chunked\r\n`)}0\r\n\r\n`,
  };

  async function expectRefused(client: RawClient): Promise<void> {
    const { status, head, body } = await client.takeAnswer();
    expect(status).toBe(400);
    expect(head).toMatch(/\r\nProxy-Status: pocketproxy; error=http_request_error; details="/);
    expect(head).toContain('\r\nConnection: close\r\n');
    expect(body).toMatch(/^PocketProxy: Request is malformed.*\n$/);
    expect(body).not.toContain('secret');
    expect(await client.end()).toBe('fin');
    expect(client.received.toString()).toBe('');
  }

  test.each(Object.keys(CASES))(
    'is answered with 400 on a new connection, and reaches nobody: %s',
    async (what) => {
      const client = await kit.connect();
      client.send(CASES[what]!());
      await expectRefused(client);
      expect(kit.ingress.asked).toEqual([]);
      expect(seen).toBe('');
    },
  );

  // From the second request on the parser reads from the socket by itself, and not from what was read to look at the
  // first byte.
  test.each(Object.keys(CASES))(
    'is answered with 400 on a used connection, and reaches nobody: %s',
    async (what) => {
      const client = await kit.connect();
      client.send(get(''));
      expect((await client.takeAnswer()).status).toBe(200);
      kit.ingress.asked.length = 0;
      seen = '';
      client.send(CASES[what]!());
      await expectRefused(client);
      expect(kit.ingress.asked).toEqual([]);
      expect(seen).toBe('');
    },
  );

  test('a request that hides behind a malformed one is not answered', async () => {
    const client = await kit.connect();
    client.send(post('Transfer-Encoding: xchunked\r\n', get('')));
    await expectRefused(client);
    expect(seen).toBe('');
  });

  test('a body that turns malformed later ends the request at the origin without its end', async () => {
    const client = await kit.connect();
    client.send(chunked('5\r\nhello\r\n'));
    await eventually(() => seen).toContain('hello');
    const flow = [...kit.ingress.flows].at(-1)!;
    client.send('zz\r\n');
    await eventually(() => kit.ingress.flows.has(flow)).toBe(false);
    await eventually(() => client.ended).not.toBeNull();
    expect(seen).not.toContain('\r\n0\r\n');
  });

  test('a body that carries a request is passed on as a body', async () => {
    const client = await kit.connect();
    const inner = 'GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n';
    client.send(post(`Content-Length: ${inner.length}\r\n`, inner));
    expect((await client.takeAnswer()).status).toBe(200);
    expect(seen.startsWith('POST / HTTP/1.1\r\n')).toBe(true);
    expect(seen).toContain(`Content-Length: ${inner.length}\r\n`);
  });

  test('an empty line before a request is skipped, as RFC 9112 section 2.2 wants', async () => {
    const client = await kit.connect();
    client.send(`\r\n${get('')}`);
    expect((await client.takeAnswer()).status).toBe(200);
  });

  test('gzip under chunked is answered with 501', async () => {
    const client = await kit.connect();
    client.send(post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'));
    expect((await client.takeAnswer()).status).toBe(501);
    expect(seen).toBe('');
  });

  test('a head larger than the limit is answered with 431', async () => {
    const client = await kit.connect();
    client.send(get(`X: ${'y'.repeat(40_000)}\r\n`));
    const { status, head } = await client.takeAnswer();
    expect(status).toBe(431);
    expect(head).toContain('Proxy-Status: pocketproxy; ');
    expect(seen).toBe('');
  });

  test('fields of one connection and credentials of the proxy never reach the origin', async () => {
    const client = await kit.connect();
    client.send(
      get(
        'Connection: keep-alive, X-Listed\r\nX-Listed: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\n' +
          'Proxy-Foo: 1\r\nTE: trailers\r\nTrailer: X\r\nUpgrade: h2c\r\nX-Kept: 1\r\n',
      ),
    );
    expect((await client.takeAnswer()).status).toBe(200);
    expect(seen).toBe(`GET / HTTP/1.1\r\nHost: ${host()}\r\nX-Kept: 1\r\nConnection: keep-alive\r\n\r\n`);
  });
});
