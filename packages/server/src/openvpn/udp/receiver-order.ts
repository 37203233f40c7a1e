/** What the receiving thread is started with. */
export interface ReceiverOrder {
  /** A socket of `openTransparentReceiver`, which stays the starter's. */
  readonly fd: number;
  /** One `Int32`: parcels that were posted and not yet taken. */
  readonly underWay: SharedArrayBuffer;
}

/**
 * How long the thread may be inside the kernel or asleep, in milliseconds. It cannot be stopped there, and neither can
 * the process end by itself.
 */
export const RECEIVE_WAIT_MS = 200;

/** Parcels that may wait for the main thread. Beyond, datagrams wait in the socket's buffer, and are lost when it is full. */
export const PARCELS_UNDER_WAY = 16;
