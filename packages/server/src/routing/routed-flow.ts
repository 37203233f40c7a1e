import { type Duplex, duplexPair } from 'node:stream';
import { FlowError } from '@pocketproxy/protocol';
import { type Bridge, type ByteMeter, bridge, type FlowStream } from '@pocketproxy/runtime';
import type { Flow } from '../domain/ingress.ts';
import type { LiveConnection } from './live-connection.ts';
import type { LiveFlows } from './live-flows.ts';

/** A dialled flow: counts as open until it is closed, metered into its connection while it runs. */
export class RoutedFlow implements Flow {
  readonly #connection: LiveConnection;
  readonly #stream: FlowStream;
  readonly #meter: ByteMeter;
  readonly #liveFlows: LiveFlows;

  /** The connection's `openFlows` must count this flow already. */
  constructor(connection: LiveConnection, stream: FlowStream, meter: ByteMeter, liveFlows: LiveFlows) {
    this.#connection = connection;
    this.#stream = stream;
    this.#meter = meter;
    this.#liveFlows = liveFlows;
  }

  join(client: Duplex): Promise<void> {
    return new Promise((resolve) => {
      let closed = false;
      let joined: Bridge | null = null;
      joined = bridge(client, this.#stream, this.#meter, () => {
        closed = true;
        this.#connection.openFlows -= 1;
        if (joined) this.#forget(joined);
        resolve();
      });
      // Both sides may have been dead already.
      if (closed) return;
      this.#connection.enders.add(joined);
      this.#liveFlows.add(joined);
    });
  }

  asStream(): Duplex {
    const [ours, theirs] = duplexPair();
    void this.join(ours);
    theirs.once('close', () => {
      // Its user gave it up, which the other half of a pair does not notice by itself.
      if (!theirs.readableEnded || !theirs.writableFinished) ours.destroy(new FlowError('connection_reset'));
    });
    return theirs;
  }

  abandon(): void {
    this.#connection.openFlows -= 1;
    this.#stream.window.release();
    this.#stream.reset();
  }

  #forget(joined: Bridge): void {
    this.#connection.enders.delete(joined);
    this.#liveFlows.delete(joined);
  }
}
