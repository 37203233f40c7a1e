import http, { type IncomingMessage } from 'node:http';
import { type Duplex, pipeline } from 'node:stream';
import type { Client } from '../client.ts';
import { endToEndFields } from './end-to-end-fields.ts';
import type { OriginAgent } from './origin-agent.ts';
import { originFailure } from './origin-failure.ts';
import type { RequestHead } from './request-head.ts';
import type { AbsoluteTarget } from './request-target.ts';

/** A request for another protocol that is allowed to go to its origin. */
export interface UpgradeRequest {
  readonly client: Client;
  /** The client's stream, taken from the HTTP parser. */
  readonly stream: Duplex;
  readonly request: IncomingMessage;
  readonly head: RequestHead;
  readonly target: AbsoluteTarget;
  /** For this request alone. */
  readonly origins: OriginAgent;
  readonly headerBytes: number;
  refuse(error: unknown): void;
}

/** Which requests leave HTTP: WebSocket handshakes (RFC 6455). An Upgrade to anything else, such as h2c, is ignored. */
export function isWebSocketUpgrade(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** Asks the origin for the upgrade, passes its answer on, and joins both streams when it agreed. */
export function relayUpgrade(upgrade: UpgradeRequest): void {
  const { client, stream, request, head, target, origins } = upgrade;
  const outgoing = http.request({
    agent: origins,
    host: target.destination.host,
    port: target.destination.port,
    method: request.method!,
    path: target.path,
    headers: ['Host', target.authority, ...head.fields, 'Connection', 'Upgrade', 'Upgrade', head.upgrade!],
    maxHeaderSize: upgrade.headerBytes,
    insecureHTTPParser: false,
  });
  let answered = false;
  outgoing.on('error', (error) => {
    if (answered) client.reset();
    else if (!stream.destroyed) upgrade.refuse(originFailure(error));
  });
  outgoing.on('upgrade', (answer: IncomingMessage, origin: Duplex, early: Buffer) => {
    answered = true;
    stream.write(
      answerHead(answer, ['Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? head.upgrade!]),
    );
    if (early.length > 0) origin.unshift(early);
    join(client, stream, origin);
  });
  outgoing.on('response', (answer: IncomingMessage) => {
    // No upgrade. The answer ends with the connection, whatever its framing was.
    answered = true;
    stream.write(answerHead(answer, ['Connection', 'close']));
    answer.on('error', () => client.reset());
    answer.pipe(stream);
    stream.resume();
  });
  outgoing.end();
}

/** Status line and fields of an answer as bytes. */
function answerHead(answer: IncomingMessage, own: string[]): Buffer {
  const fields = [...endToEndFields(answer.rawHeaders), ...own];
  let text = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n`;
  for (let i = 0; i < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return Buffer.from(`${text}\r\n`, 'latin1');
}

/** Joins the client with a flow that was already read as HTTP; its bytes are counted where it comes from. */
function join(client: Client, stream: Duplex, origin: Duplex): void {
  // Before the pipelines, which would end the client in an orderly way.
  origin.on('error', () => client.reset());
  pipeline(stream, origin, ignore);
  pipeline(origin, stream, ignore);
}

function ignore(): void {}
