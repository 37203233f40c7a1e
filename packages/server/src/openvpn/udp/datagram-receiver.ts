import { Worker } from 'node:worker_threads';
import type { ReceivedDatagram } from '../sockets/datagram-batch.ts';
import { unpackDatagrams } from './datagram-parcel.ts';
import { type ReceiverOrder, SHARED } from './receiver-order.ts';

const THREAD = new URL('./receiver-thread.ts', import.meta.url);

export interface ReceiverEvents {
  onDatagram(datagram: ReceivedDatagram): void;
  /** The thread has ended although nobody stopped it: nothing is received any more. */
  onFailure(error: Error): void;
}

/** Receives diverted datagrams on a thread of its own, so that system calls never hold up the event loop. */
export class DatagramReceiver {
  readonly #thread: Worker;
  readonly #ended: Promise<void>;
  readonly #words: Int32Array<SharedArrayBuffer>;
  #stopping = false;
  /** Tells the thread to end. */
  readonly #tell = (): void => {
    Atomics.store(this.#words, SHARED.stopping, 1);
    Atomics.notify(this.#words, SHARED.underWay);
  };

  /** @param fd of `openTransparentReceiver`; stays the caller's, who closes it after `stop` */
  constructor(fd: number, events: ReceiverEvents) {
    const order: ReceiverOrder = { fd, shared: new SharedArrayBuffer(SHARED.bytes) };
    this.#words = new Int32Array(order.shared);
    const words = this.#words;
    this.#thread = new Worker(THREAD, { workerData: order, name: 'vpn-udp' });
    // `process.exit` waits for its threads.
    process.once('exit', this.#tell);
    this.#thread.on('message', (parcel: Uint8Array) => {
      Atomics.sub(words, SHARED.underWay, 1);
      Atomics.notify(words, SHARED.underWay);
      if (this.#stopping) return;
      for (const datagram of unpackDatagrams(parcel)) events.onDatagram(datagram);
    });
    this.#ended = new Promise((resolve) => void this.#thread.once('exit', () => resolve()));
    this.#thread.on('error', (error: unknown) => {
      events.onFailure(error instanceof Error ? error : new Error(String(error)));
    });
    this.#thread.on('exit', (code) => {
      if (!this.#stopping && code === 0) events.onFailure(new Error('The receiving thread ended'));
    });
  }

  /** Resolves when the thread has left the socket. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#tell();
    process.off('exit', this.#tell);
    await this.#ended;
  }
}
