import type { NewConnection } from '../harness/api-client.ts';
import { basic, RawHttp } from './raw-http.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Opens `CONNECT` through a connection's port. @throws {Error} with the answer when it is refused */
export async function openTunnel(
  connection: NewConnection,
  to: Endpoint,
  host = '127.0.0.1',
): Promise<RawHttp> {
  const client = await RawHttp.open(connection.port, host);
  const answer = await client.connect(`${to.host}:${to.port}`, basic(connection));
  if (answer.status !== 200) {
    client.close();
    throw new Error(`CONNECT was answered with ${answer.head || 'the end of the connection'}`);
  }
  return client;
}

/** Opens a tunnel and sends a GET through it; the answer is read by the caller. */
export async function startGet(connection: NewConnection, to: Endpoint, path: string): Promise<RawHttp> {
  const client = await openTunnel(connection, to);
  client.send(`GET ${path} HTTP/1.1\r\nHost: ${to.host}\r\nConnection: close\r\n\r\n`);
  return client;
}

/** One whole GET through a new tunnel: status and body. */
export async function getThrough(
  connection: NewConnection,
  to: Endpoint,
  path = '/',
): Promise<{ readonly status: number; readonly body: string }> {
  const client = await startGet(connection, to, path);
  const { status } = await client.answer();
  const body = (await client.reader.rest()).toString('utf8');
  client.close();
  return { status, body };
}
