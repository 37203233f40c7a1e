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
  else plain.resetAndDestroy();
}

/** Destroys a stream once all that was written to it is out, which most often it is. */
export function closeWhenWritten(plain: Duplex): void {
  // Ending it once more would cost an error with its stack for each flow that ends in order.
  if (plain.writableFinished) plain.destroy();
  else plain.end(() => plain.destroy());
}
