import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FlowError } from '@pocketproxy/protocol';

/**
 * Ends a plain stream so that its peer sees a failure: RST for TCP, a missing close_notify for TLS. The other half of a
 * `duplexPair` closes without an end only when this half is destroyed with an error.
 */
export function resetPlain(plain: Duplex): void {
  if (plain.destroyed) return;
  if (!(plain instanceof Socket)) plain.destroy(new FlowError('connection_reset'));
  else if ('encrypted' in plain) plain.destroy();
  else resetSocket(plain);
}

/**
 * Ends a TCP socket with RST. At the moment when its FIN goes out libuv refuses that, and Node then neither closes the socket nor
 * ever tells of its end: it is reset when the FIN is out, in the next turn of the loop.
 * @returns Whether it is reset already
 */
export function resetSocket(socket: Socket): boolean {
  if (socket.writableEnded && !socket.writableFinished && socket.writableLength === 0 && !socket.destroyed) {
    socket.once('finish', () => socket.resetAndDestroy());
    return false;
  }
  socket.resetAndDestroy();
  return true;
}

/** Destroys a stream once all that was written to it is out, which most often it is. */
export function closeWhenWritten(plain: Duplex): void {
  // Ending it once more would cost an error with its stack for each flow that ends in order.
  if (plain.writableFinished) plain.destroy();
  else plain.end(() => plain.destroy());
}
