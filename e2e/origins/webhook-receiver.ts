import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { webhookSecretKey } from '@pocketproxy/protocol/api';

/** A message as it arrived. */
export interface ReceivedWebhook {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly timestamp: number;
  readonly signature: string;
  readonly body: string;
}

/** A receiver of webhooks on loopback. It can be away for a while, or take long to answer. */
export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = [];
  readonly port: number;
  /** Leaves what arrives without an answer. */
  silent = false;
  #server: Server | null = null;

  constructor(port: number) {
    this.port = port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  async start(host = '127.0.0.1'): Promise<void> {
    const server = createServer((request, response) => void this.#take(request, response).catch(() => {}));
    server.listen(this.port, host);
    await once(server, 'listening');
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  types(): string[] {
    return this.received.map(({ type }) => type);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { type, data } = JSON.parse(body) as Pick<ReceivedWebhook, 'type' | 'data'>;
    const header = (name: string): string => String(request.headers[name]);
    this.received.push({
      ...{ id: header('webhook-id'), type, data, body },
      ...{ timestamp: Number(header('webhook-timestamp')), signature: header('webhook-signature') },
    });
    if (!this.silent) response.writeHead(204).end();
  }
}

/** What a receiver does to know that a message is ours and new; see docs/operations.md. */
export function isGenuine({ id, timestamp, signature, body }: ReceivedWebhook, secret: string): boolean {
  const key = webhookSecretKey(secret);
  if (key === null || Math.abs(Date.now() / 1000 - timestamp) > 300) return false;
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return signature.split(' ').some((one) => {
    const given = Buffer.from(one.replace(/^v1,/, ''), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
