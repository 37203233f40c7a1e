import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { FlowFailure } from './flow-failure.ts';
import type { FlowTask } from './flow-task.ts';
import { download, upload } from './http-exchange.ts';
import { basicOf, dialProxy, type Line, openByConnect, openBySocks5 } from './proxied.ts';
import { talkByDatagrams } from './talk-by-datagrams.ts';
import { talkByWebSocket } from './talk-by-websocket.ts';

/** One way in which customers use a proxy. */
export interface FlowKind {
  readonly name: string;
  /** Share of all flows, in parts of the sum. */
  readonly weight: number;
  /** Its time from start to end tells how the relay answers. */
  readonly quick?: true;
  /** The client goes away in the middle, so that nobody can say how many bytes were carried. */
  readonly rough?: true;
  /** No flow is opened. */
  readonly idle?: true;
  /** Bytes in either direction at most, heads included. */
  readonly maxBytes: number;
  /** After this it counts as hung. */
  readonly withinMs: number;
  run(task: FlowTask): Promise<void>;
}

const KB = 1024;
const HEADS = 4 * KB;
const HOST = '127.0.0.1';
const SMALL = 8 * KB;
const DOWNLOAD = 1024 * KB;
const UPLOAD = 512 * KB;
const SLOW = 512 * KB;
const SLOW_PAUSE_MS = 1_000;
/** The relay's limit is 10 s. */
const HANDSHAKE_LIMIT_MS = 10_000;

const smallBy = (open: (task: FlowTask) => Promise<Line>) => async (task: FlowTask) => {
  const line = await open(task);
  await download(line, { tag: task.tag, length: 1 + Math.floor(task.random() * SMALL), base: '' });
  await finish(line);
};

const bySocks5 = ({ login, origin, lifeline }: FlowTask): Promise<Line> =>
  openBySocks5(login, { host: HOST, port: origin.tcp }, lifeline);
const byConnect = ({ login, origin, lifeline }: FlowTask): Promise<Line> =>
  openByConnect(login, { host: HOST, port: origin.tcp }, lifeline);
const byEither = (task: FlowTask): Promise<Line> => (task.random() < 0.5 ? bySocks5(task) : byConnect(task));

/** Three requests on one connection to the proxy. */
async function forwarded({ login, origin, tag, random, lifeline }: FlowTask): Promise<void> {
  const line = dialProxy(login, lifeline);
  const fields = `Proxy-Authorization: ${basicOf(login)}\r\n`;
  const base = `http://${HOST}:${origin.tcp}`;
  for (let request = 0; request < 3; request += 1) {
    await download(line, { tag, length: 1 + Math.floor(random() * SMALL), base, fields });
  }
  await finish(line);
}

async function broken(task: FlowTask): Promise<void> {
  const line = await byEither(task);
  line.socket.write(`GET /down/${task.tag}/${DOWNLOAD} HTTP/1.1\r\nHost: origin\r\n\r\n`);
  await line.reader.read(32 * KB);
  line.socket.resetAndDestroy();
}

/** Says less than a handshake, and must be sent away. */
async function silent({ login, random, lifeline }: FlowTask): Promise<void> {
  const { socket } = dialProxy(login, lifeline);
  if (random() < 0.5) socket.write(random() < 0.5 ? Buffer.from([5]) : 'GET http://');
  const startedAt = performance.now();
  await Promise.race([once(socket, 'close'), delay(HANDSHAKE_LIMIT_MS + 5_000, undefined, { ref: false })]);
  const lasted = Math.round(performance.now() - startedAt);
  if (!socket.destroyed) throw new FlowFailure('tolerated', `not cut in ${lasted} ms`);
  if (lasted < HANDSHAKE_LIMIT_MS - 1_000) throw new FlowFailure('cut', 'silent client sent away too early');
}

/** Ends the flow in order: FIN both ways. */
async function finish({ socket }: Line): Promise<void> {
  const closed = once(socket, 'close');
  socket.end();
  await closed;
}

/** What customers do all day, and what they should not do. */
export const FLOW_KINDS: readonly FlowKind[] = [
  {
    ...{ name: 'small SOCKS5', weight: 30, quick: true, maxBytes: SMALL + HEADS, withinMs: 40_000 },
    run: smallBy(bySocks5),
  },
  {
    ...{ name: 'small CONNECT', weight: 28, quick: true, maxBytes: SMALL + HEADS, withinMs: 40_000 },
    run: smallBy(byConnect),
  },
  {
    ...{ name: 'forwarded HTTP', weight: 22, quick: true, maxBytes: 3 * SMALL + HEADS, withinMs: 60_000 },
    run: forwarded,
  },
  {
    ...{ name: 'download', weight: 3, maxBytes: DOWNLOAD + HEADS, withinMs: 60_000 },
    run: async (task) => {
      const line = await byEither(task);
      await download(line, { tag: task.tag, length: DOWNLOAD, base: '' });
      await finish(line);
    },
  },
  {
    ...{ name: 'upload', weight: 3, maxBytes: UPLOAD + HEADS, withinMs: 60_000 },
    run: async (task) => {
      const line = await byEither(task);
      await upload(line, { tag: task.tag, length: UPLOAD, base: '' });
      await finish(line);
    },
  },
  {
    ...{ name: 'slow download', weight: 1, maxBytes: SLOW + HEADS, withinMs: 90_000 },
    run: async (task) => {
      const line = await byEither(task);
      await download(line, { tag: task.tag, length: SLOW, base: '' }, SLOW_PAUSE_MS);
      await finish(line);
    },
  },
  {
    ...{ name: 'WebSocket', weight: 6, maxBytes: 64 * KB, withinMs: 60_000 },
    run: async (task) => talkByWebSocket(await byEither(task), task),
  },
  { name: 'UDP', weight: 4, maxBytes: 64 * KB, withinMs: 60_000, run: talkByDatagrams },
  {
    ...{ name: 'reset', weight: 2, rough: true, maxBytes: DOWNLOAD + HEADS, withinMs: 60_000 },
    run: broken,
  },
  { name: 'silent', weight: 1, idle: true, maxBytes: 0, withinMs: 30_000, run: silent },
];
