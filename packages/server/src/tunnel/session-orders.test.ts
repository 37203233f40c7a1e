import { once } from 'node:events';
import http2, { type ClientHttp2Stream, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { type CommandOrder, FlowError, TUNNEL_HEADERS } from '@pocketproxy/protocol';
import { FakeClock } from '@pocketproxy/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { outcomeWithinMs } from '../domain/order-limits.ts';
import { DeviceSession } from './device-session.ts';
import { readBody } from './session-answers.ts';

const ORDER: CommandOrder = { type: 'rotate_ip', holdSeconds: 4, registerWithinSeconds: 60 };
const DONE = { status: 'succeeded', reason: null, output: 'radio cycled' };

type Agent = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

const endings: Array<() => void> = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

/** A session with an agent that answers orders as `agent` does. TLS is left out: it is the listener's business. */
async function sessionWith(agent: Agent) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [phone] = await once(server, 'connection');
  phone.on('error', () => {});
  const agentSession = http2.performServerHandshake(phone);
  agentSession.on('error', () => {});
  agentSession.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {});
    if (headers[':path'] === '/flow-control') stream.respond({ ':status': 200 });
    else agent(stream, headers);
  });
  const session = new DeviceSession('d1', socket as TLSSocket, new FakeClock());
  endings.push(() => {
    session.destroy();
    phone.destroy();
    server.close();
  });
  await session.ready;
  return { session, phone };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof FlowError ? error.code : String(error)),
  );
}

describe('an order', () => {
  it('reaches the agent under its id, and its outcome comes back when it is done', async () => {
    const asked: unknown[] = [];
    const { session } = await sessionWith(async (stream, headers) => {
      stream.respond({ ':status': 200 });
      const body = Buffer.concat(await stream.toArray()).toString();
      asked.push(headers[':method'], headers[':path'], JSON.parse(body));
      stream.end(JSON.stringify(DONE));
    });
    expect(await session.order('r1-1', ORDER)).toEqual(DONE);
    expect(asked).toEqual(['POST', '/commands/r1-1', ORDER]);
  });

  it.each([
    ['is no JSON', 'nonsense'],
    ['is no outcome', '{"status":"maybe"}'],
    ['is larger than any outcome', 'x'.repeat(40_000)],
  ])('fails when the answer %s', async (_name, text) => {
    const { session } = await sessionWith((stream) => {
      stream.respond({ ':status': 200 });
      stream.end(text);
    });
    expect(await codeOf(session.order('r1-1', ORDER))).toBe('internal_error');
    expect(session.usable).toBe(true);
  });

  it('passes on that the agent does not know orders', async () => {
    const { session } = await sessionWith((stream) => {
      stream.respond({ ':status': 501, [TUNNEL_HEADERS.error]: 'unsupported' }, { endStream: true });
    });
    expect(await codeOf(session.order('r1-1', ORDER))).toBe('unsupported');
  });

  it('whose tunnel ends before the outcome is lost, half an answer included', async () => {
    const { session, phone } = await sessionWith((stream) => {
      stream.respond({ ':status': 200 });
      stream.write('{"status":', () => phone.resetAndDestroy());
    });
    expect(await codeOf(session.order('r1-1', ORDER))).toBe('tunnel_lost');
  });

  it('whose tunnel falls silent and is given up is lost, too', async () => {
    const { session } = await sessionWith((stream) => {
      stream.respond({ ':status': 200 });
      // Its answer shows that the head of ours has arrived.
      stream.session?.ping(() => session.destroy());
    });
    expect(await codeOf(session.order('r1-1', ORDER))).toBe('tunnel_lost');
  });

  it('is waited for as long as its radio may be off and searching, and some time for the way', async () => {
    const clock = new FakeClock();
    const stream = new PassThrough();
    const code = codeOf(
      readBody(stream as unknown as ClientHttp2Stream, 100, { clock, withinMs: outcomeWithinMs(ORDER) }),
    );
    clock.advance(93_999);
    expect(stream.destroyed).toBe(false);
    clock.advance(1);
    expect(stream.destroyed).toBe(true);
    expect(await code).toBe('connect_timeout');
  });

  it('can be given up', async () => {
    const { session } = await sessionWith((stream) => stream.respond({ ':status': 200 }));
    const abort = new AbortController();
    const code = codeOf(session.order('r1-1', ORDER, abort.signal));
    abort.abort();
    expect(await code).toBe('request_timeout');
  });
});
