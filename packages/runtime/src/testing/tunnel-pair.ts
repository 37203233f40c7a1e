import { on, once } from 'node:events';
import http2, { type ClientHttp2Session, type ClientHttp2Stream, type ServerHttp2Stream } from 'node:http2';
import net, { type AddressInfo, type Socket } from 'node:net';
import { H2_STREAM_WINDOW } from '@pocketproxy/protocol';
import { FlowControlChannel, type FlowStream } from '../flow-control.ts';
import { flowStream } from '../flow-stream.ts';

/** Both ends of one flow through a real HTTP/2 session on loopback. */
export interface FlowEnds {
  readonly near: FlowStream;
  readonly far: FlowStream;
}

/** Two ends of a tunnel in one process, for tests of what runs over it. */
export class TunnelPair {
  readonly near = new FlowControlChannel();
  readonly far = new FlowControlChannel();
  readonly session: ClientHttp2Session;
  readonly #server: net.Server;
  readonly #accepted: AsyncIterator<[ServerHttp2Stream]>;

  private constructor(
    session: ClientHttp2Session,
    server: net.Server,
    accepted: AsyncIterator<[ServerHttp2Stream]>,
  ) {
    this.session = session;
    this.#server = server;
    this.#accepted = accepted;
  }

  static async open(): Promise<TunnelPair> {
    const settings = { initialWindowSize: H2_STREAM_WINDOW };
    const h2 = http2.createServer({ settings });
    const accepted = on(h2, 'stream') as AsyncIterableIterator<[ServerHttp2Stream]>;
    const server = net.createServer((socket) => h2.emit('connection', socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { settings });
    session.on('error', () => {});
    await once(session, 'remoteSettings');
    const pair = new TunnelPair(session, server, accepted);
    const control = session.request({ ':method': 'POST', ':path': '/flow-control' });
    pair.far.attach(await pair.#accept());
    await once(control, 'response');
    pair.near.attach(control);
    return pair;
  }

  /** Opens one flow. */
  async flow(): Promise<FlowEnds> {
    const stream = this.session.request({ ':method': 'CONNECT', ':authority': 'test:1' });
    stream.on('error', () => {});
    const other = await this.#accept();
    await once(stream, 'response');
    return { near: flowOf(stream, this.near), far: flowOf(other, this.far) };
  }

  close(): void {
    this.session.destroy();
    this.#server.close();
  }

  async #accept(): Promise<ServerHttp2Stream> {
    const { value } = await this.#accepted.next();
    const stream = (value as [ServerHttp2Stream])[0];
    stream.on('error', () => {});
    stream.respond({ ':status': 200 });
    return stream;
  }
}

function flowOf(stream: ClientHttp2Stream | ServerHttp2Stream, channel: FlowControlChannel): FlowStream {
  return flowStream(stream, channel.open(stream.id!));
}

/** Two ends of a TCP connection on loopback, both with half-close. */
export async function socketPair(): Promise<[Socket, Socket]> {
  const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  });
  client.on('error', () => {});
  const [accepted] = (await once(server, 'connection')) as [Socket];
  accepted.on('error', () => {});
  server.close();
  return [client, accepted];
}
