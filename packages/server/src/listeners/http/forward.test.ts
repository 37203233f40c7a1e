import http from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually, ListenerKit, proxyAuthorization } from '../testing/listener-kit.ts';

const AUTH = proxyAuthorization();

describe('absolute-form requests', () => {
  let kit: ListenerKit;

  beforeEach(async () => {
    kit = await ListenerKit.start();
  });

  afterEach(() => kit.stop());

  function request(method: string, port: number, path = '/', fields = '', version = '1.1'): string {
    const host = `a.test:${port}`;
    return `${method} http://${host}${path} HTTP/${version}\r\nHost: ${host}\r\n${AUTH}${fields}\r\n`;
  }

  /** An origin that answers with raw bytes, and tells what it was sent. */
  async function rawOrigin(
    answer: (socket: Socket, text: string) => void,
  ): Promise<{ port: number; seen: string[] }> {
    const seen: string[] = [];
    const { port } = await kit.tcpOrigin((socket) => {
      socket.on('data', (chunk) => {
        seen.push(chunk.toString('latin1'));
        answer(socket, seen.at(-1)!);
      });
    });
    return { port, seen };
  }

  test('keep both connections open from one request to the next', async () => {
    const connections = new Set<Socket>();
    const { port } = await kit.httpOrigin((incoming, response) => {
      connections.add(incoming.socket);
      response.end(incoming.url);
    });
    const client = await kit.connect();
    for (const path of ['/a', '/b?c=d', '/e']) {
      client.send(request('GET', port, path));
      const { status, head, body } = await client.takeAnswer();
      expect([status, body]).toEqual([200, path]);
      expect(head).toContain('Connection: keep-alive');
    }
    expect(connections.size).toBe(1);
    expect(kit.ingress.asked).toHaveLength(1);
  });

  test('leave nothing behind on a connection that serves many', async () => {
    const { port } = await kit.httpOrigin((_, response) => response.end('ok'));
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    const client = await kit.connect();
    for (let i = 0; i < 30; i += 1) {
      client.send(request('GET', port));
      expect((await client.takeAnswer()).status).toBe(200);
    }
    await new Promise(setImmediate);
    process.off('warning', warned);
    expect(warnings).toEqual([]);
    expect(kit.ingress.asked).toHaveLength(1);
  });

  test('that are pipelined are answered in order, one at a time', async () => {
    let active = 0;
    const { port } = await kit.httpOrigin((incoming, response) => {
      active += 1;
      expect(active).toBe(1);
      setImmediate(() => {
        active -= 1;
        response.end(incoming.url);
      });
    });
    const client = await kit.connect();
    client.send(['/1', '/2', '/3', '/4'].map((path) => request('GET', port, path)).join(''));
    for (const path of ['/1', '/2', '/3', '/4']) expect((await client.takeAnswer()).body).toBe(path);
  });

  test('beyond the limit of pipelined ones end the client', async () => {
    const { port } = await kit.tcpOrigin(() => {});
    const client = await kit.connect();
    client.send(request('GET', port).repeat(40));
    expect(await client.end()).toBe('reset');
  });

  test('go to several origins over one client connection, with few idle connections kept', async () => {
    const open = new Set<Socket>();
    const ports: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      const origin = await kit.httpOrigin((_, response) => response.end('x'));
      origin.server.on('connection', (socket) => {
        open.add(socket);
        socket.on('close', () => open.delete(socket));
      });
      ports.push(origin.port);
    }
    const client = await kit.connect();
    for (const port of ports) {
      client.send(request('GET', port));
      expect((await client.takeAnswer()).status).toBe(200);
    }
    await eventually(() => open.size).toBe(4);
    client.socket.resetAndDestroy();
    await eventually(() => open.size).toBe(0);
  });

  test('stream bodies in both directions, with backpressure', async () => {
    const size = 32 * 1024 * 1024;
    const chunk = Buffer.alloc(64 * 1024, 7);
    let received = 0;
    const { port } = await kit.httpOrigin((incoming, response) => {
      incoming.on('data', (bytes: Buffer) => {
        received += bytes.length;
      });
      incoming.on('end', () => {
        response.writeHead(200, { 'content-length': size });
        let sent = 0;
        const more = () => {
          while (sent < size) {
            sent += chunk.length;
            if (!response.write(chunk)) {
              response.once('drain', more);
              return;
            }
          }
          response.end();
        };
        more();
      });
    });
    const got = await new Promise<number>((resolve, reject) => {
      const outgoing = http.request(
        {
          port: kit.port,
          host: '127.0.0.1',
          method: 'POST',
          path: `http://a.test:${port}/`,
          headers: { Host: `a.test:${port}`, 'Proxy-Authorization': AUTH.slice(21).trim() },
          agent: false,
        },
        (response) => {
          let count = 0;
          response.on('data', (bytes: Buffer) => {
            count += bytes.length;
          });
          response.on('end', () => resolve(count));
          response.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      let sent = 0;
      const more = () => {
        while (sent < size) {
          sent += chunk.length;
          if (!outgoing.write(chunk)) {
            outgoing.once('drain', more);
            return;
          }
        }
        outgoing.end();
      };
      more();
    });
    expect(received).toBe(size);
    expect(got).toBe(size);
  });

  test('hold an origin back while their client does not read', async () => {
    let written = 0;
    const { port } = await kit.tcpOrigin((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const chunk = Buffer.alloc(64 * 1024);
        const more = () => {
          while (written < 256 * 1024 * 1024) {
            written += chunk.length;
            if (!socket.write(chunk)) {
              socket.once('drain', more);
              return;
            }
          }
        };
        more();
      });
    });
    const client = await kit.connect();
    client.socket.pause();
    client.send(request('GET', port));
    let before = -1;
    await expect
      .poll(
        () => {
          const still = written > 0 && written === before;
          before = written;
          return still;
        },
        { interval: 200, timeout: 10_000 },
      )
      .toBe(true);
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });

  test('with chunks and trailers pass both on, framed anew', async () => {
    const { port, seen } = await rawOrigin((socket, text) => {
      if (!text.endsWith('X-Sum: 1\r\n\r\n')) return;
      socket.write(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Back\r\n\r\n2;ext=1\r\nok\r\n0\r\nX-Back: 2\r\nContent-Type: x\r\n\r\n',
      );
    });
    const client = await kit.connect();
    client.send(request('POST', port, '/', 'Transfer-Encoding: chunked\r\n'));
    client.send('5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\nHost: evil\r\n\r\n');
    const answer = await client.takeThrough('\r\n\r\n');
    expect(answer).toContain('Transfer-Encoding: chunked\r\n');
    expect(answer).not.toContain('Trailer:');
    expect(await client.takeThrough('X-Back: 2\r\n\r\n')).toBe('2\r\nok\r\n0\r\nX-Back: 2\r\n\r\n');
    expect(seen.join('')).toMatch(/\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n$/);
  });

  test.each([
    [
      'HEAD keeps the length of a body that is not sent',
      'HEAD',
      '200 OK\r\nContent-Length: 500',
      'Content-Length: 500',
    ],
    ['204 has no body', 'GET', '204 No Content\r\nX: 1', 'X: 1'],
    [
      '304 has no body and keeps its length',
      'GET',
      '304 Not Modified\r\nContent-Length: 500',
      'Content-Length: 500',
    ],
  ])('%s', async (_, method, answer, field) => {
    const { port } = await rawOrigin((socket) => socket.write(`HTTP/1.1 ${answer}\r\n\r\n`));
    const client = await kit.connect();
    for (let i = 0; i < 2; i += 1) {
      client.send(request(method, port));
      const head = await client.takeThrough('\r\n\r\n');
      expect(head).toContain(`\r\n${field}\r\n`);
      expect(head).not.toContain('Transfer-Encoding');
    }
    expect(client.received.toString()).toBe('');
  });

  test('pass interim answers on, and 100 only to a client that waits for it', async () => {
    const { port, seen } = await rawOrigin((socket, text) => {
      if (text.startsWith('POST')) {
        socket.write(
          'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: X\r\nX: 1\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n',
        );
      } else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    const client = await kit.connect();
    client.send(request('POST', port, '/', 'Expect: 100-continue\r\nContent-Length: 5\r\n'));
    expect(await client.takeThrough('\r\n\r\n')).toBe('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
    expect(await client.takeThrough('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(seen[0]).toContain('Expect: 100-continue\r\n');
    client.send('hello');
    expect(await client.takeThrough('\r\n\r\n')).toContain('HTTP/1.1 200 OK');
    expect(seen.at(-1)).toBe('hello');
  });

  test('with Expect get the final answer of an origin that refuses at once', async () => {
    const { port } = await rawOrigin((socket) =>
      socket.write('HTTP/1.1 413 Payload Too Large\r\nContent-Length: 2\r\n\r\nno'),
    );
    const client = await kit.connect();
    client.send(request('POST', port, '/', 'Expect: 100-continue\r\nContent-Length: 5\r\n'));
    expect(await client.takeAnswer()).toMatchObject({ status: 413, body: 'no' });
  });

  test('pass an answer without length on as chunks, and its end as their end', async () => {
    const { port } = await rawOrigin((socket) => socket.end('HTTP/1.0 200 OK\r\nX: 1\r\n\r\nuntil the end'));
    const client = await kit.connect();
    client.send(request('GET', port));
    expect(await client.takeThrough('\r\n\r\n')).toContain('Transfer-Encoding: chunked\r\n');
    expect(await client.takeThrough('0\r\n\r\n')).toBe('d\r\nuntil the end\r\n0\r\n\r\n');
  });

  test('of HTTP/1.0 are answered until the connection ends', async () => {
    const { port } = await rawOrigin((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
    );
    const client = await kit.connect();
    client.send(request('GET', port, '/', '', '1.0'));
    expect(await client.end()).toBe('fin');
    expect(client.received.toString()).toMatch(/Connection: close\r\n\r\nok$/);
  });

  test.each([
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'],
    ['with chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n'],
    ['without length', 'HTTP/1.1 200 OK\r\n\r\npart'],
  ])('whose answer %s is cut by a reset never look complete', async (_, answer) => {
    const sockets: Socket[] = [];
    const { port } = await rawOrigin((socket) => {
      sockets.push(socket);
      socket.write(answer);
    });
    for (const version of ['1.1', '1.0']) {
      const client = await kit.connect();
      client.send(request('GET', port, '/', '', version));
      await client.takeThrough('part');
      sockets.at(-1)!.resetAndDestroy();
      expect(await client.end()).toBe('reset');
      expect(client.received.toString()).not.toContain('0\r\n\r\n');
    }
  });

  test('whose answer with a length ends too early never look complete', async () => {
    const { port } = await rawOrigin((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'),
    );
    const client = await kit.connect();
    client.send(request('GET', port));
    expect(await client.end()).toBe('reset');
  });

  test('send the head of an answer before its body comes', async () => {
    const { port } = await rawOrigin((socket) => socket.write('HTTP/1.1 200 OK\r\nX: 1\r\n\r\n'));
    const client = await kit.connect();
    client.send(request('GET', port));
    expect(await client.takeThrough('\r\n\r\n')).toContain('X: 1');
  });

  test.each([
    ['nonsense', 'nonsense\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['NUL in a field', 'HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n'],
    ['a head past the limit', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`],
  ])('are answered with 502 when the origin answers %s', async (_, answer) => {
    const { port } = await rawOrigin((socket) => socket.write(answer));
    const client = await kit.connect();
    client.send(request('GET', port));
    const { status, head } = await client.takeAnswer();
    expect(status).toBe(502);
    expect(head).toContain('Proxy-Status: pocketproxy; error=http_protocol_error; ');
  });

  test.each([
    ['name_not_found', 502, 'dns_error'],
    ['connect_timeout', 504, 'connection_timeout'],
    ['device_offline', 503, 'destination_unavailable'],
    ['destination_refused', 403, 'destination_ip_prohibited'],
  ] as const)(
    'that fail with %s are answered with %i and keep the connection',
    async (code, status, error) => {
      kit.ingress.refused.set('a.test', code);
      const client = await kit.connect();
      for (let i = 0; i < 2; i += 1) {
        client.send(request('GET', 80));
        const answer = await client.takeAnswer();
        expect(answer.status).toBe(status);
        expect(answer.head).toContain(`Proxy-Status: pocketproxy; error=${error}; details="`);
        expect(answer.head).toContain('Connection: keep-alive');
        expect(answer.head.includes('Retry-After: 5\r\n')).toBe(status === 503);
        expect(answer.body).toContain(`(connection "my "first" phone" on port ${kit.port})`);
      }
    },
  );

  test('that fail with a body under way are answered, and the connection is closed', async () => {
    kit.ingress.refused.set('a.test', 'device_offline');
    const client = await kit.connect();
    client.send(request('POST', 80, '/', 'Content-Length: 1000000\r\n')).send('x'.repeat(1000));
    const answer = await client.takeAnswer();
    expect(answer.status).toBe(503);
    expect(answer.head).toContain('Connection: close');
    expect(await client.end()).toBe('fin');
  });

  test('are aborted at the origin when the client goes away', async () => {
    let closed = false;
    let asked = false;
    const { port } = await kit.httpOrigin((incoming) => {
      asked = true;
      incoming.socket.on('close', () => {
        closed = true;
      });
    });
    const client = await kit.connect();
    client.send(request('GET', port));
    await eventually(() => asked).toBe(true);
    client.socket.destroy();
    await eventually(() => closed).toBe(true);
  });

  test('give the dial up when the client goes away', async () => {
    kit.ingress.held.set('a.test', new Promise(() => {}));
    const client = await kit.connect();
    client.send(request('GET', 80));
    await eventually(() => kit.ingress.asked.length).toBe(1);
    client.socket.destroy();
    await eventually(() => kit.ingress.aborted).toBe(1);
  });

  test('upload no further once they are answered', async () => {
    const { port } = await rawOrigin((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    );
    const client = await kit.connect();
    client.send(request('POST', port, '/', 'Content-Length: 1000000\r\n')).send('x'.repeat(1000));
    expect((await client.takeAnswer()).body).toBe('ok');
    await eventually(() => kit.ingress.flows.size).toBe(0);
    client.send('x'.repeat(999_000)).send(request('GET', port));
    expect((await client.takeAnswer()).body).toBe('ok');
  });

  describe('on a kept connection that turns out dead', () => {
    /** Serves one request per connection and resets it at the next, as a server does whose idle limit was reached. */
    async function forgetfulOrigin(): Promise<{ port: number; seen: string[] }> {
      const served = new WeakSet<Socket>();
      return rawOrigin((socket) => {
        if (served.has(socket)) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        served.add(socket);
      });
    }

    test('are sent again when they may be', async () => {
      const { port, seen } = await forgetfulOrigin();
      const client = await kit.connect();
      for (let i = 0; i < 3; i += 1) {
        client.send(request('GET', port, `/${i}`));
        expect(await client.takeAnswer()).toMatchObject({ status: 200, body: 'ok' });
      }
      expect(seen.map((text) => text.split(' ')[1])).toEqual(['/0', '/1', '/1', '/2', '/2']);
    });

    test('are not sent twice when that could do something twice', async () => {
      const { port, seen } = await forgetfulOrigin();
      const client = await kit.connect();
      client.send(request('GET', port));
      await client.takeAnswer();
      client.send(request('POST', port, '/', 'Content-Length: 2\r\n')).send('hi');
      expect((await client.takeAnswer()).status).toBe(502);
      expect(seen.filter((text) => text.startsWith('POST'))).toHaveLength(1);
    });
  });

  test('do not take what an origin sends unasked for an answer', async () => {
    const sockets: Socket[] = [];
    const { port } = await rawOrigin((socket) => {
      sockets.push(socket);
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood');
    });
    const client = await kit.connect();
    client.send(request('GET', port));
    expect((await client.takeAnswer()).body).toBe('good');
    const first = sockets[0]!;
    first.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
    await eventually(() => kit.ingress.flows.size).toBe(0);
    client.send(request('GET', port));
    expect((await client.takeAnswer()).body).toBe('good');
    expect(sockets).toHaveLength(2);
  });

  test('use no connection that the origin has closed', async () => {
    const { port } = await rawOrigin((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    );
    const client = await kit.connect();
    for (let i = 0; i < 2; i += 1) {
      client.send(request('POST', port, '/', 'Content-Length: 0\r\n'));
      expect((await client.takeAnswer()).status).toBe(200);
      await eventually(() => kit.ingress.flows.size).toBe(0);
    }
  });

  test('ask about the server with OPTIONS for an address without a path', async () => {
    const { port, seen } = await rawOrigin((socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'));
    const client = await kit.connect();
    client.send(request('OPTIONS', port, ''));
    await client.takeThrough('\r\n\r\n');
    client.send(request('OPTIONS', port, '/'));
    await client.takeThrough('\r\n\r\n');
    expect(seen.map((text) => text.split(' ')[1])).toEqual(['*', '/']);
  });

  test('leave fields as they are: order, spelling, repetition, Latin-1', async () => {
    const { port, seen } = await rawOrigin((socket) =>
      socket.write(
        'HTTP/1.1 299 Odd Reason\r\nset-cookie: a\r\nX-B: \xe9\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n'.replace(
          '\xe9',
          'e',
        ),
      ),
    );
    const client = await kit.connect();
    client.send(request('GET', port, '/', 'x-lower: 1\r\nX-Two: a\r\nX-Two: b\r\nX-Latin: \xe9\r\n'));
    const head = await client.takeThrough('\r\n\r\n');
    expect(head).toBe(
      'HTTP/1.1 299 Odd Reason\r\nset-cookie: a\r\nX-B: e\r\nSet-Cookie: b\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n',
    );
    expect(seen[0]).toContain('\r\nx-lower: 1\r\nX-Two: a\r\nX-Two: b\r\nX-Latin: \xe9\r\n');
    expect(seen[0]).not.toMatch(/via|forwarded/i);
  });
});
