import { type Duplex, duplexPair } from 'node:stream';
import { FlowError } from '@pocketproxy/protocol';
import { type Bridge, bridge, type FlowStream } from '@pocketproxy/runtime';
import type { Flow } from '../domain/ingress.ts';
import type { Grant } from './grant.ts';
import type { LiveConnection } from './live-connection.ts';
import type { LiveFlows } from './live-flows.ts';

export interface RoutedFlowOptions {
  /** Its `openFlows` must count this flow already. */
  readonly connection: LiveConnection;
  /** How the client was let in. */
  readonly grant: Grant;
  readonly stream: FlowStream;
  readonly liveFlows: LiveFlows;
  /** Whether its bytes count and its speed is limited, which they are unless this says no. */
  readonly metered?: boolean;
}

/** A dialled flow: counts as open until it is closed, metered into its connection while it runs. */
export class RoutedFlow implements Flow {
  readonly #options: RoutedFlowOptions;

  constructor(options: RoutedFlowOptions) {
    this.#options = options;
    options.connection.enders.set(this, options.grant);
  }

  join(client: Duplex): Promise<void> {
    const { connection, grant, stream, liveFlows, metered = true } = this.#options;
    connection.enders.delete(this);
    return new Promise((resolve) => {
      let closed = false;
      let joined: Bridge | null = null;
      const onClosed = () => {
        closed = true;
        connection.openFlows -= 1;
        if (joined) this.#forget(joined);
        resolve();
      };
      const meter = metered ? connection.usage.meter : { up: 0, down: 0 };
      joined = bridge(client, stream, meter, onClosed, metered ? connection : null);
      // Both sides may have been dead already.
      if (closed) return;
      connection.enders.set(joined, grant);
      liveFlows.add(joined);
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
    const { connection, stream } = this.#options;
    connection.enders.delete(this);
    connection.openFlows -= 1;
    stream.window.release();
    stream.reset();
  }

  /** Ends the flow before it was joined; the join then finds it dead. */
  abort(): void {
    this.#options.stream.reset();
  }

  #forget(joined: Bridge): void {
    this.#options.connection.enders.delete(joined);
    this.#options.liveFlows.delete(joined);
  }
}
