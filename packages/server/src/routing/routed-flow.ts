import { type Duplex, duplexPair } from 'node:stream';
import { type ByteMeter, bridge, type FlowStream } from '@pocketproxy/runtime';
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
      const joined = bridge(client, this.#stream, this.#meter, () => {
        closed = true;
        if (joined) this.#forget(joined);
        else this.#connection.openFlows -= 1;
        resolve();
      });
      if (closed) return;
      this.#connection.enders.add(joined);
      this.#liveFlows.add(joined);
    });
  }

  asStream(): Duplex {
    const [ours, theirs] = duplexPair();
    void this.join(ours);
    return theirs;
  }

  abandon(): void {
    this.#connection.openFlows -= 1;
    this.#stream.window.release();
    this.#stream.reset();
  }

  #forget(joined: ReturnType<typeof bridge>): void {
    this.#connection.openFlows -= 1;
    this.#connection.enders.delete(joined);
    this.#liveFlows.delete(joined);
  }
}
