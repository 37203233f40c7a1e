/** What the receiving thread is started with. */
export interface ReceiverOrder {
  /** A socket of `openTransparentReceiver`, which stays the starter's. */
  readonly fd: number;
  /** Two `Int32`: parcels that were posted and not yet taken, and whether to stop. See {@link SHARED}. */
  readonly shared: SharedArrayBuffer;
}

/** Places in `ReceiverOrder.shared`. */
export const SHARED = { underWay: 0, stopping: 1, bytes: 2 * Int32Array.BYTES_PER_ELEMENT } as const;

/**
 * How long the thread may be inside the kernel or asleep, in milliseconds. It looks between
 * two calls whether to stop.
 */
export const RECEIVE_WAIT_MS = 200;

/** Parcels that may wait for the main thread. Beyond, datagrams wait in the socket's buffer, and are lost when it is full. */
export const PARCELS_UNDER_WAY = 16;
