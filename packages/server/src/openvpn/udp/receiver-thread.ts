import { parentPort, workerData } from 'node:worker_threads';
import { DatagramBatch, type ReceivedDatagram } from '../sockets/datagram-batch.ts';
import { fixedMemory, openLibc } from '../sockets/libc.ts';
import { MSG_WAITFORONE } from '../sockets/linux-numbers.ts';
import { packDatagrams } from './datagram-parcel.ts';
import { PARCELS_UNDER_WAY, RECEIVE_WAIT_MS, type ReceiverOrder } from './receiver-order.ts';

/** Enough to save most system calls at full speed, and small enough to be on its way soon. */
const BATCH = 64;

/**
 * A thread that does nothing but receive: Node.js has no call that tells where a diverted datagram was going, and no
 * way to be woken for a socket that is not its own. Ends by `terminate`, which takes effect between two calls.
 */
function receive({ fd, underWay }: ReceiverOrder): void {
  const libc = openLibc();
  const memory = fixedMemory(DatagramBatch.size(BATCH));
  const batch = new DatagramBatch(memory.bytes, memory.address, BATCH);
  const waiting = new Int32Array(underWay);
  for (;;) {
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
    const now = Atomics.add(waiting, 0, 1) + 1;
    for (let left = now; left >= PARCELS_UNDER_WAY; left = Atomics.load(waiting, 0)) {
      Atomics.wait(waiting, 0, left, RECEIVE_WAIT_MS);
    }
  }
}

receive(workerData as ReceiverOrder);
