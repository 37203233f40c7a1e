/**
 * A program that keeps what it is told to, one way per message, and answers when it does: see `leak.test.ts`. It stands for a server that
 * forgets to let go.
 */
import { openSync } from 'node:fs';

/** What to keep from now on. */
export interface Leak {
  readonly heapBytes: number;
  readonly descriptors: number;
}

const kept: unknown[] = [];
const BYTES_PER_NUMBER = 8;

process.on('message', ({ heapBytes, descriptors }: Leak) => {
  // Doubles: an array of them is in V8's heap, and of a known size.
  kept.push(Array.from({ length: heapBytes / BYTES_PER_NUMBER }, (_, index) => index + 0.5));
  for (let opened = 0; opened < descriptors; opened += 1) kept.push(openSync('/dev/null', 'r'));
  process.send?.('kept');
});
