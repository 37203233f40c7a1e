import type { IncomingMessage } from 'node:http';
import { FlowError } from '@pocketproxy/protocol';
import type { Access } from '../../domain/ingress.ts';
import { connectClient } from '../client-flow.ts';
import type { HttpClient } from './http-client.ts';
import { refusalBytes } from './refusal.ts';
import { type RequestHead, readRequestHead } from './request-head.ts';
import { readAbsoluteTarget, readConnectTarget } from './request-target.ts';
import { relayUpgrade } from './upgrade.ts';

const ESTABLISHED = Buffer.from('HTTP/1.1 200 Connection established\r\n\r\n');

/** What is done when a client may try again on the same connection. */
export type Retry = () => void;

/**
 * Serves a request that takes the stream from the HTTP parser: CONNECT, or a WebSocket handshake. Data that came with
 * it must have been put back into the stream.
 * @param retry Hands the stream back to the parser; `null` when the client shall not try again.
 */
export function takeOver(
  http: HttpClient,
  request: IncomingMessage,
  kind: 'connect' | 'upgrade',
  retry: Retry | null,
): void {
  http.headComplete();
  try {
    const head = readRequestHead(request);
    if (head.body !== 'none') throw new FlowError('malformed_request', `A request for ${kind} has no body`);
    const serve = kind === 'connect' ? connect(http, request, head) : upgrade(http, request, head);
    const granted = (access: Access) => {
      if (!http.stream.destroyed) serve(access);
    };
    http.authenticate(head, granted, (error) => deny(http, error, head.close ? null : retry));
  } catch (error) {
    http.closeWith(http.refused(error).failure);
  }
}

/** @throws {FlowError} `malformed_request` */
function connect(http: HttpClient, request: IncomingMessage, head: RequestHead): (access: Access) => void {
  const destination = readConnectTarget(request.url!, head.host);
  return (access) => {
    const refused = (error: unknown) => http.closeWith(http.refused(error).failure, access);
    const answer = { opened: ESTABLISHED, refused };
    connectClient(http.context, http.client, http.stream, access, destination, answer);
  };
}

/** @throws {FlowError} `malformed_request` */
function upgrade(http: HttpClient, request: IncomingMessage, head: RequestHead): (access: Access) => void {
  const target = readAbsoluteTarget(request.url!, head.host);
  return (access) => {
    const { client, stream } = http;
    const origins = http.openOrigins(access);
    client.onClosed(() => origins.close());
    const refuse = (error: unknown) => http.closeWith(http.refused(error).failure, access);
    const { headerBytes } = http.context.limits;
    relayUpgrade({ client, stream, request, head, target, origins, headerBytes, refuse });
  };
}

function deny(http: HttpClient, error: unknown, retry: Retry | null): void {
  if (http.stream.destroyed) return;
  const { failure, close } = http.refused(error);
  if (failure.code !== 'auth_required' || close || retry === null) {
    http.closeWith(failure);
    return;
  }
  http.stream.write(refusalBytes(failure, http.subject(), { keepAlive: true }));
  http.setDeadline(http.context.limits.handshakeMs);
  retry();
}
