import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { awaitClientHello, beginningOf } from './client-hello.ts';

let hello: Buffer;
beforeAll(async () => {
  hello = await realClientHello();
});

/** What Node's TLS client says first. */
async function realClientHello(): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const wire = new Duplex({ read: () => {}, write: (chunk: Buffer) => resolve(chunk) });
  const client = tls.connect({ socket: wire });
  client.on('error', () => {});
  return await promise.finally(() => client.destroy());
}

describe('what a connection begins with', () => {
  test('is a ClientHello when its first record is whole', () => {
    expect(beginningOf(hello)).toBe('client-hello');
    for (let length = 0; length < hello.length; length++) {
      expect(beginningOf(hello.subarray(0, length)), String(length)).toBe('incomplete');
    }
  });

  test.for([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n')],
    ['another record', Buffer.from([23, 3, 3])],
    ['another protocol version', Buffer.from([22, 2, 0])],
    ['another message', Buffer.from([22, 3, 1, 0, 9, 2])],
    ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
    ['a record that is too long', Buffer.from([22, 3, 1, 0x40, 1])],
  ] as const)('is not with %s', ([, bytes]) => {
    expect(beginningOf(bytes)).toBe('other');
  });

  test('never turns out otherwise with more bytes', () => {
    const almost = fc
      .tuple(fc.constantFrom(22, 23, 0), fc.constantFrom(3, 2), fc.uint8Array({ maxLength: 40 }))
      .map(([type, major, rest]) => Uint8Array.from([type, major, 3, 0, 20, 1, ...rest]));
    fc.assert(
      fc.property(fc.oneof(almost, fc.uint8Array({ maxLength: 40 })), (bytes) => {
        const seen = Array.from({ length: bytes.length + 1 }, (_, end) =>
          beginningOf(bytes.subarray(0, end)),
        );
        const settled = seen.find((beginning) => beginning !== 'incomplete') ?? 'incomplete';
        const first = seen.indexOf(settled);
        expect(new Set(seen.slice(first))).toEqual(new Set([settled]));
      }),
    );
  });
});

describe('a socket that is waited for', () => {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  beforeAll(async () => {
    if (!server.listening) await once(server, 'listening');
  });
  afterAll(() => void server.close());

  async function pair(): Promise<{ client: Socket; socket: Socket }> {
    const client = connect({
      ...{ host: '127.0.0.1', noDelay: true },
      port: (server.address() as { port: number }).port,
    });
    client.on('error', () => {});
    const [socket] = (await once(server, 'connection')) as [Socket];
    socket.on('error', () => {});
    onTestFinished(() => {
      client.destroy();
      socket.destroy();
    });
    return { client, socket };
  }

  /** Cuts bytes at these places. */
  function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
    const ends = [...new Set([...cuts.map((cut) => cut % bytes.length), bytes.length])].sort((a, b) => a - b);
    return ends
      .map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
      .filter(({ length }) => length > 0);
  }

  test('gives back every byte, however they were split, and only when there are enough', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 6 }), async (cuts) => {
        const { client, socket } = await pair();
        let pushed = 0;
        const whole = new Promise<number>((resolve) => {
          const waited = awaitClientHello(socket, () => {
            waited.giveBack();
            resolve(pushed);
          });
        });
        for (const chunk of chunksOf(hello, cuts)) {
          pushed += chunk.length;
          // By hand, so that each arrives as one.
          socket.emit('data', chunk);
        }
        expect(await whole).toBe(hello.length);
        expect(socket.read()).toEqual(hello);
        client.destroy();
        socket.destroy();
      }),
      { numRuns: 30 },
    );
  });

  test('is read by TLS afterwards as if nothing had been', async () => {
    const { client, socket } = await pair();
    const waited = awaitClientHello(socket, () => {
      waited.giveBack();
      const secure = new tls.TLSSocket(socket, { isServer: true });
      secure.on('error', () => {});
      // There is no certificate: that it says so shows that the ClientHello was read.
      secure.once('_tlsError', () => answered());
    });
    let answered = () => {};
    const answer = new Promise<void>((resolve) => {
      answered = resolve;
    });
    for (const chunk of chunksOf(hello, [1, 5, 100])) client.write(chunk);
    await answer;
  });

  test.for([
    ['says something else', () => Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['goes on before it is answered', () => Buffer.concat([hello, Buffer.alloc(2 ** 14)])],
  ] as const)('is destroyed when it %s', async ([, bytes]) => {
    const { client, socket } = await pair();
    awaitClientHello(socket, () => {});
    client.write(bytes());
    await once(socket, 'close');
  });
});
