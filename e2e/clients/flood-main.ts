/**
 * Floods a relay, as fast as it can, which is why it is a process of its own:
 * - `node flood-main.ts frames <pairing URL>`: as a paired phone, one kind of frame after the other, each on a session
 *   that is given up after some seconds. Prints a line of JSON, `FloodReport`, for each.
 * - `node flood-main.ts handshakes <host> <port>`: as a stranger that begins 1,000 sessions and leaves. Prints
 *   `begun`.
 * - `node flood-main.ts fields <port>`: as customers without credentials, whose header fields do not end. Prints `cut` when
 *   the relay has ended all of them.
 */
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { connect, type TLSSocket } from 'node:tls';
import { TUNNEL_ALPN } from '@pocketproxy/protocol';
import { within } from '../harness/until.ts';
import { FRAME_FLOODS, type FrameFlood } from './frame-floods.ts';
import { RawHttp } from './raw-http.ts';
import { RawPhone } from './raw-phone.ts';
import { socketClosed } from './socket-end.ts';

export interface FloodReport {
  readonly flood: string;
  /** Milliseconds until the relay ended the session; `null` when it did not. */
  readonly closedAfterMs: number | null;
  readonly bytes: number;
}

const GIVE_UP_AFTER_MS = 10_000;
const STRANGERS = 50;
const HANDSHAKES = 1_000;
const ENDLESS_HEADS = 100;
const FIELDS = `X-Flood: ${'x'.repeat(1_000)}\r\n`.repeat(64);

async function floodFrames(flood: string, socket: TLSSocket, { first, repeated }: FrameFlood) {
  const closed = socketClosed(socket);
  // What the relay acknowledges is read: when it could not send that, it would notice more easily.
  socket.resume();
  const began = performance.now();
  const write = (): void => {
    while (!socket.destroyed && socket.write(repeated));
  };
  socket.on('drain', write);
  socket.write(first);
  write();
  const inTime = await within('the relay to end the session', GIVE_UP_AFTER_MS, closed).then(
    () => true,
    () => false,
  );
  const closedAfterMs = inTime ? Math.round(performance.now() - began) : null;
  socket.destroy();
  const report: FloodReport = { flood, closedAfterMs, bytes: socket.bytesWritten };
  console.log(JSON.stringify(report));
}

async function begin(host: string, port: number): Promise<void> {
  const socket = connect({ host, port, ALPNProtocols: [TUNNEL_ALPN], rejectUnauthorized: false });
  socket.on('error', () => {});
  await once(socket, 'secureConnect').catch(() => {});
  socket.destroy();
}

/** Resolves when the relay has ended the connection. */
async function sendFields(port: number): Promise<void> {
  const client = await RawHttp.open(port);
  const closed = socketClosed(client.socket);
  client.reader.discard();
  const write = (): void => {
    while (!client.socket.destroyed && client.socket.write(FIELDS));
  };
  client.socket.on('drain', write);
  client.send('GET http://example.com/ HTTP/1.1\r\n');
  write();
  await closed;
}

const [kind, ...rest] = process.argv.slice(2);
if (kind === 'frames') {
  const phone = await RawPhone.pair(rest[0]!);
  for (const [flood, frames] of Object.entries(FRAME_FLOODS)) {
    await floodFrames(flood, await phone.openTunnel(), frames);
  }
} else if (kind === 'fields') {
  await Promise.all(Array.from({ length: ENDLESS_HEADS }, () => sendFields(Number(rest[0]))));
  console.log('cut');
} else {
  let left = HANDSHAKES;
  const stranger = async (): Promise<void> => {
    while (left-- > 0) await begin(rest[0]!, Number(rest[1]));
  };
  await Promise.all(Array.from({ length: STRANGERS }, stranger));
  console.log('begun');
}
