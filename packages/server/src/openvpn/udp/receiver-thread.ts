import { parentPort, workerData } from 'node:worker_threads';
import { DatagramBatch, type ReceivedDatagram } from '../sockets/datagram-batch.ts';
import { fixedMemory, openLibc } from '../sockets/libc.ts';
import { MSG_WAITFORONE } from '../sockets/linux-numbers.ts';
import { packDatagrams } from './datagram-parcel.ts';
import { PARCELS_UNDER_WAY, RECEIVE_WAIT_MS, type ReceiverOrder, SHARED } from './receiver-order.ts';

/** Enough to save most system calls at full speed, and small enough to be on its way soon. */
const BATCH = 64;

/**
 * A thread that does nothing but receive: Node.js has no call that tells where a diverted datagram was going, and no
 * way to be woken for a socket that is not its own. Ends when it is told to: `terminate` alone may find it
 * inside a call again and again.
 */
function receive({ fd, shared }: ReceiverOrder): void {
  const libc = openLibc();
  const memory = fixedMemory(DatagramBatch.size(BATCH));
  const batch = new DatagramBatch(memory.bytes, memory.address, BATCH);
  const words = new Int32Array(shared);
  while (Atomics.load(words, SHARED.stopping) === 0) {
    const count = libc.recvmmsg(fd, memory.address, BATCH, MSG_WAITFORONE, null);
    if (count <= 0) continue;
    const datagrams: ReceivedDatagram[] = [];
    for (let i = 0; i < count; i += 1) {
      const datagram = batch.read(i);
      if (datagram !== null) datagrams.push(datagram);
    }
    batch.prepare(count);
    if (datagrams.length === 0) continue;
    const parcel = packDatagrams(datagrams);
    parentPort!.postMessage(parcel, [parcel.buffer]);
    waitForRoom(words, Atomics.add(words, SHARED.underWay, 1) + 1);
  }
}

/** Sleeps while too many parcels are under way, unless it is to stop. */
function waitForRoom(words: Int32Array<SharedArrayBuffer>, underWay: number): void {
  let left = underWay;
  while (left >= PARCELS_UNDER_WAY && Atomics.load(words, SHARED.stopping) === 0) {
    Atomics.wait(words, SHARED.underWay, left, RECEIVE_WAIT_MS);
    left = Atomics.load(words, SHARED.underWay);
  }
}

receive(workerData as ReceiverOrder);
