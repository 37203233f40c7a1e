import websocket from '@fastify/websocket';
import {
  LIVE_CLOSE_CODES,
  LIVE_PROTOCOL,
  LIVE_TOKEN_PROTOCOL_PREFIX,
  liveEventSchema,
  liveQuerySchema,
} from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { Identity } from '../services/identity.ts';
import type { LiveFeed, NumberedNews } from '../services/live-feed.ts';
import { isAllowed, type Principal, scopeOf } from '../services/permissions.ts';
import { ServiceError } from '../services/service-error.ts';
import { bearerTokenOf, principalOf } from './access.ts';
import type { Api } from './api.ts';

export interface LiveRoutesOptions {
  readonly liveFeed: LiveFeed;
  readonly identity: Pick<Identity, 'authenticate' | 'onRightsChanged'>;
  readonly clock: Clock;
}

/** A client that lets more than this pile up does not read, in bytes. */
const MAX_UNSENT = 1024 * 1024;
/** Also how long a client keeps what was taken from it when nobody said so, such as an expired token. */
const CHECK_EVERY_MS = 5_000;
/** Clients have nothing to say. */
const MAX_MESSAGE = 1_024;

/** `WS /live`: what happens, as it happens, to those who may see it. */
export async function liveRoutes(app: Api, options: LiveRoutesOptions): Promise<void> {
  await app.register(websocket, {
    options: {
      maxPayload: MAX_MESSAGE,
      handleProtocols: (offered) => (offered.has(LIVE_PROTOCOL) ? LIVE_PROTOCOL : false),
    },
    preClose: endAll,
  });
  app.route({
    method: 'GET',
    url: '/live',
    exposeHeadRoute: false,
    config: { permission: 'live:read' },
    schema: {
      tags: ['live'],
      summary: 'WebSocket with events',
      description:
        `Offer the protocol \`${LIVE_PROTOCOL}\`; a browser, which cannot send a header, offers ` +
        `\`${LIVE_TOKEN_PROTOCOL_PREFIX}<token>\` as well. Each message is one event.`,
      querystring: liveQuerySchema,
      response: { 200: liveEventSchema },
    },
    handler: async () => {
      throw new ServiceError('upgrade_required');
    },
    wsHandler: (socket, request) => {
      const { since } = liveQuerySchema.parse(request.query);
      new LiveClient(socket, request, since, options).start();
    },
  });
}

/**
 * Ends the socket of a request that wanted to become a WebSocket and did not: Node has handed it over, so that none of
 * the HTTP server's time limits holds for it. Call on the outermost application.
 */
export function endRefusedUpgrades(app: Api): void {
  app.addHook('onResponse', async ({ headers, raw }) => {
    if (headers.upgrade !== undefined) raw.socket.destroy();
  });
}

/** The server stops: a client that does not answer must not keep it. */
function endAll(this: FastifyInstance, done: () => void): void {
  for (const client of this.websocketServer.clients) {
    client.close(1001, 'The server stops');
    client.terminate();
  }
  this.websocketServer.close();
  done();
}

/** One WebSocket. */
class LiveClient {
  readonly #socket: WebSocket;
  readonly #options: LiveRoutesOptions;
  readonly #token: string;
  readonly #since: string | undefined;
  #principal: Principal;
  #alive = true;

  constructor(
    socket: WebSocket,
    request: FastifyRequest,
    since: string | undefined,
    options: LiveRoutesOptions,
  ) {
    this.#socket = socket;
    this.#options = options;
    this.#principal = principalOf(request);
    this.#token = bearerTokenOf(request) ?? '';
    this.#since = since;
  }

  start(): void {
    const { liveFeed, identity, clock } = this.#options;
    const stop = liveFeed.listen(
      (news) => this.#send(news),
      () => this.#sendReady(false),
    );
    const check = clock.setInterval(() => void this.#check(), CHECK_EVERY_MS);
    const stopRights = identity.onRightsChanged(this.#principal.userId, () => void this.#checkRights());
    this.#socket.on('error', () => this.#socket.terminate());
    this.#socket.on('close', () => {
      stop();
      stopRights();
      check.cancel();
    });
    this.#socket.on('pong', () => {
      this.#alive = true;
    });
    this.#catchUp();
  }

  #catchUp(): void {
    const missed = this.#since === undefined ? [] : this.#options.liveFeed.since(this.#since);
    this.#sendReady(missed !== null && this.#since !== undefined);
    for (const news of missed ?? []) this.#send(news);
  }

  /** `resumed`: whether it knows everything up to now. */
  #sendReady(resumed: boolean): void {
    const { liveFeed, clock } = this.#options;
    const at = new Date(clock.now()).toISOString();
    this.#socket.send(JSON.stringify({ id: liveFeed.idOf(), type: 'live.ready', at, data: { resumed } }));
  }

  #send(news: NumberedNews): void {
    if (!mayHear(this.#principal, news)) return;
    if (this.#socket.bufferedAmount > MAX_UNSENT) {
      this.#socket.close(LIVE_CLOSE_CODES.tooSlow, 'Events come faster than they are read');
      // A closing handshake waits behind what it does not read.
      this.#socket.terminate();
      return;
    }
    this.#socket.send(news.text);
  }

  /** Ends it when the client is gone without a word, or its token counts no more. */
  async #check(): Promise<void> {
    if (!this.#alive) {
      this.#socket.terminate();
      return;
    }
    this.#alive = false;
    this.#socket.ping();
    await this.#checkRights();
  }

  /** What was taken from a user ends or narrows what it is told, at once. */
  async #checkRights(): Promise<void> {
    const principal = await this.#options.identity.authenticate(this.#token).catch(() => this.#principal);
    if (principal && isAllowed(principal, 'live:read')) this.#principal = principal;
    else this.#socket.close(LIVE_CLOSE_CODES.unauthenticated, 'The token is not valid any more');
  }
}

/** As of what the routes answer: by permission, by organization, and of what is somebody's own, by person. */
function mayHear(principal: Principal, { organizationId, permission, ownerId }: NumberedNews): boolean {
  const scope = scopeOf(principal).organizationId;
  if (!isAllowed(principal, permission) || (scope !== null && scope !== organizationId)) return false;
  return ownerId === undefined || principal.role === 'admin' || principal.userId === ownerId;
}
