import { type IncomingMessage, request } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { FlowError, RELAY_PATHS, RELAY_SERVER_NAME } from '@pocketproxy/protocol';
import { z } from 'zod';

const echoSchema = z.object({ ip: z.string().refine((text) => isIP(text) !== 0) });
const MAX_ANSWER = 4_096;
const TIMEOUT_MS = 10_000;

export interface RelayEndpoint {
  readonly host: string;
  readonly port: number;
  /** The only CA that is trusted, PEM. */
  readonly ca: string;
}

/**
 * Asks the relay's echo endpoint, over `socket`, which address it sees. The relay is recognised by its pinned CA: a
 * captive portal of the mobile network cannot answer in its place.
 * @throws {FlowError} connect_timeout, connection_reset, egress_unavailable
 */
export async function fetchExitIp(socket: Socket, relay: RelayEndpoint): Promise<string> {
  const tls = connect({
    socket,
    servername: RELAY_SERVER_NAME,
    ca: relay.ca,
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.3',
  });
  tls.setTimeout(TIMEOUT_MS, () => tls.destroy(new FlowError('connect_timeout', 'The relay did not answer')));
  try {
    const body = await readAll(await get(tls));
    return echoSchema.parse(JSON.parse(body)).ip;
  } catch (error) {
    if (error instanceof FlowError) throw error;
    throw new FlowError('egress_unavailable', "The relay's echo endpoint could not be asked", {
      cause: error,
    });
  } finally {
    tls.destroy();
    socket.destroy();
  }
}

function get(tls: TLSSocket): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    tls.on('error', reject);
    const call = request({
      createConnection: () => tls,
      host: RELAY_SERVER_NAME,
      path: RELAY_PATHS.echo,
      headers: { connection: 'close' },
    });
    call.on('error', reject);
    call.on('response', resolve);
    call.end();
  });
}

async function readAll(answer: IncomingMessage): Promise<string> {
  if (answer.statusCode !== 200) {
    throw new FlowError('egress_unavailable', `The relay's echo endpoint answered ${answer.statusCode}`);
  }
  let body = '';
  answer.setEncoding('utf8');
  for await (const chunk of answer) {
    body += String(chunk);
    if (body.length > MAX_ANSWER) throw new FlowError('egress_unavailable', 'The echo answer is too long');
  }
  return body;
}
