import { Worker } from 'node:worker_threads';
import type { ReceivedDatagram } from '../sockets/datagram-batch.ts';
import { unpackDatagrams } from './datagram-parcel.ts';
import type { ReceiverOrder } from './receiver-order.ts';

const THREAD = new URL('./receiver-thread.ts', import.meta.url);

export interface ReceiverEvents {
  onDatagram(datagram: ReceivedDatagram): void;
  /** The thread has ended although nobody stopped it: nothing is received any more. */
  onFailure(error: Error): void;
}

/** Receives diverted datagrams on a thread of its own, so that system calls never hold up the event loop. */
export class DatagramReceiver {
  readonly #thread: Worker;
  #stopping = false;

  /** @param fd of `openTransparentReceiver`; stays the caller's, who closes it after `stop` */
  constructor(fd: number, events: ReceiverEvents) {
    const underWay = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const taken = new Int32Array(underWay);
    const order: ReceiverOrder = { fd, underWay };
    this.#thread = new Worker(THREAD, { workerData: order, name: 'vpn-udp' });
    this.#thread.on('message', (parcel: Uint8Array) => {
      Atomics.sub(taken, 0, 1);
      Atomics.notify(taken, 0);
      if (this.#stopping) return;
      for (const datagram of unpackDatagrams(parcel)) events.onDatagram(datagram);
    });
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
    await this.#thread.terminate();
  }
}
