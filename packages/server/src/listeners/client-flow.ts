import type { Duplex } from 'node:stream';
import type { Access, Destination, Flow } from '../domain/ingress.ts';
import type { Client } from './client.ts';
import type { ListenerContext } from './listener-context.ts';

/** Bytes that tell a client how its CONNECT went. */
export interface ConnectAnswer {
  /** Sent when the flow is open, before the first byte of the destination. */
  readonly opened: Uint8Array;
  /** Called with the reason when it could not be opened. Must answer and end the client. */
  refused(error: unknown): void;
}

/**
 * Opens a flow for a client whose request is complete and joins it with `stream`, which must not be read by anybody
 * else and may hold early data. The dial is given up when the client goes away meanwhile.
 */
export function connectClient(
  context: ListenerContext,
  client: Client,
  stream: Duplex,
  access: Access,
  destination: Destination,
  answer: ConnectAnswer,
): void {
  const abort = new AbortController();
  client.deadline = 0;
  client.onExpired(null);
  client.onClosed(() => abort.abort());
  const opened = (flow: Flow) => {
    client.onClosed(null);
    if (stream.destroyed) {
      flow.abandon();
      return;
    }
    stream.write(answer.opened);
    void flow.join(stream);
    // It may have been paused to hold early data back; listeners alone would not start it again.
    stream.resume();
  };
  const failed = (error: unknown) => {
    client.onClosed(null);
    if (!stream.destroyed) answer.refused(error);
  };
  context.ingress.openFlow(access, destination, abort.signal).then(opened, failed);
}
