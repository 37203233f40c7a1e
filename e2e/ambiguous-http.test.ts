import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, RawHttp } from './clients/raw-http.ts';
import { useWorld } from './harness/world.ts';
import { Canary } from './origins/canary.ts';

describe('a request that two parsers could read differently', () => {
  const world = useWorld();
  let canary: Canary;
  beforeAll(async () => {
    canary = await Canary.start();
  });
  afterAll(async () => {
    await canary.close();
  });

  const host = (): string => `127.0.0.1:${canary.port}`;
  const authorization = (): string => `Proxy-Authorization: ${basic(world().connection)}`;
  /** A POST with these field lines; `Host` and the credentials come with it. */
  const post = (...fields: string[]): string =>
    [`POST http://${host()}/ HTTP/1.1`, `Host: ${host()}`, authorization(), ...fields, '', ''].join('\r\n');
  const get = (line: string, ...fields: string[]): string =>
    [line, ...fields, authorization(), '', ''].join('\r\n');

  const CASES: Readonly<Record<string, () => string>> = {
    'Content-Length and Transfer-Encoding': () =>
      `${post('Content-Length: 6', 'Transfer-Encoding: chunked')}0\r\n\r\nG`,
    'Transfer-Encoding and Content-Length': () =>
      `${post('Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n`,
    'Transfer-Encoding: xchunked': () => post('Transfer-Encoding: xchunked'),
    'Transfer-Encoding: chunked, identity': () => post('Transfer-Encoding: chunked, identity'),
    'Transfer-Encoding: identity': () => post('Transfer-Encoding: identity'),
    'two Transfer-Encoding fields': () =>
      `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: x')}0\r\n\r\n`,
    'a tab before chunked': () => `${post('Transfer-Encoding:\tchunked', 'Content-Length: 1')}0\r\n\r\n`,
    'a space before the colon': () => `${post('Transfer-Encoding : chunked')}0\r\n\r\n`,
    'two different Content-Length fields': () => `${post('Content-Length: 1', 'Content-Length: 2')}ab`,
    'a list in Content-Length': () => `${post('Content-Length: 1, 2')}ab`,
    'a sign in Content-Length': () => `${post('Content-Length: +1')}a`,
    'a hexadecimal Content-Length': () => `${post('Content-Length: 0x1')}a`,
    'a negative Content-Length': () => post('Content-Length: -1'),
    'two Host fields': () => get(`GET http://${host()}/ HTTP/1.1`, `Host: ${host()}`, `Host: ${host()}`),
    'a Host that differs from the target': () => get(`GET http://${host()}/ HTTP/1.1`, 'Host: other.example'),
    'no Host': () => get(`GET http://${host()}/ HTTP/1.1`),
    'two CONNECT hosts': () => get(`CONNECT ${host()} HTTP/1.1`, 'Host: other.example:443'),
    'user information in the target': () => get(`GET http://a@${host()}/ HTTP/1.1`, `Host: ${host()}`),
    'lines that end in LF alone': () =>
      get(`GET http://${host()}/ HTTP/1.1`, `Host: ${host()}`).replaceAll('\r\n', '\n'),
    'a bare CR in a field': () => get(`GET http://${host()}/ HTTP/1.1`, `Host: ${host()}`, 'X-A: a\rX-B: b'),
    'a bare LF in a field': () => get(`GET http://${host()}/ HTTP/1.1`, `Host: ${host()}`, 'X-A: a\nX-B: b'),
    'a NUL in a field': () => get(`GET http://${host()}/ HTTP/1.1`, `Host: ${host()}`, 'X-A: a\0b'),
    'a folded field': () => get(`GET http://${host()}/ HTTP/1.1`, `Host: ${host()}`, 'X-A: a', ' b'),
    'a field without a colon': () => get(`GET http://${host()}/ HTTP/1.1`, `Host: ${host()}`, 'nonsense'),
    'a field name with a space': () => get(`GET http://${host()}/ HTTP/1.1`, `Host: ${host()}`, 'X A: b'),
    'a line before the fields that begins with a space': () =>
      get(`GET http://${host()}/ HTTP/1.1`, ` X: y`, `Host: ${host()}`),
    'a space in the target': () => get(`GET http://${host()}/a b HTTP/1.1`, `Host: ${host()}`),
    'no version': () => get(`GET http://${host()}/`, `Host: ${host()}`),
    'an unknown version': () => get(`GET http://${host()}/ HTTP/9.9`, `Host: ${host()}`),
    'a target that is only a path': () => get('GET / HTTP/1.1', `Host: ${host()}`),
    'a target of another scheme': () => get(`GET ftp://${host()}/ HTTP/1.1`, `Host: ${host()}`),
    'a CONNECT without a port': () => get('CONNECT 127.0.0.1 HTTP/1.1', 'Host: 127.0.0.1'),
    'a CONNECT with a body': () =>
      `${get(`CONNECT ${host()} HTTP/1.1`, `Host: ${host()}`, 'Content-Length: 3')}abc`,
    'a CONNECT with Transfer-Encoding': () =>
      get(`CONNECT ${host()} HTTP/1.1`, `Host: ${host()}`, 'Transfer-Encoding: chunked'),
  };

  test.each(Object.keys(CASES))('is answered with 400 and reaches no origin: %s', async (what) => {
    const client = await RawHttp.open(world().connection.port);
    client.send(CASES[what]!());
    const answer = await client.answer();
    client.close();
    expect(answer.status, answer.head).toBe(400);
    expect({ connections: canary.connections, bytes: canary.bytes }).toEqual({ connections: 0, bytes: 0 });
  });

  test('the connection is closed after a malformed request, so that nothing is read after it', async () => {
    const client = await RawHttp.open(world().connection.port);
    client.send(
      `${CASES['Transfer-Encoding: xchunked']!()}GET http://${host()}/smuggled HTTP/1.1\r\nHost: ${host()}\r\n${authorization()}\r\n\r\n`,
    );
    expect((await client.reader.rest()).toString('latin1').match(/^HTTP\/1.1/gm)).toHaveLength(1);
    expect(canary.touched).toBe(false);
  });

  test('hop-by-hop fields and credentials of a good request end at the proxy', async () => {
    const { origin } = world();
    const client = await RawHttp.open(world().connection.port);
    const fields = [
      `Host: 127.0.0.1:${origin.port}`,
      authorization(),
      'Proxy-Connection: keep-alive',
      'Connection: close, X-Private',
      'X-Private: secret',
      'Keep-Alive: timeout=5',
      'TE: trailers',
      'X-Public: kept',
    ];
    client.send([`GET ${origin.url('/headers')} HTTP/1.1`, ...fields, '', ''].join('\r\n'));
    expect((await client.answer()).status).toBe(200);
    client.close();
    const names = origin.requests
      .at(-1)!
      .rawHeaders.filter((_, index) => index % 2 === 0)
      .map((name) => name.toLowerCase());
    expect(names).toContain('x-public');
    for (const name of ['proxy-authorization', 'proxy-connection', 'x-private', 'keep-alive']) {
      expect(names).not.toContain(name);
    }
  });
});
