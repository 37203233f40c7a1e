import { execFile } from 'node:child_process';

/** Connections that the kernel goes on with after the program that opened them has closed them, or was killed. */
export interface KernelSockets {
  /** Whether something may still be sent from `address` that no program controls any more. Never rejects. */
  lingering(address: string): Promise<boolean>;
}

const STATES = ['fin-wait-1', 'closing', 'last-ack'].flatMap((state) => ['state', state]);
const TIMEOUT_MS = 5_000;

/** Asks `ss` of iproute2. */
export class SsKernelSockets implements KernelSockets {
  lingering(address: string): Promise<boolean> {
    const source = address.includes(':') ? `[${address}]` : address;
    return new Promise((resolve) => {
      execFile(
        'ss',
        ['-tnH', ...STATES, 'src', source],
        { timeout: TIMEOUT_MS, encoding: 'utf8' },
        (error, stdout) => {
          // Without an answer the safe one.
          resolve(error !== null || stdout.trim() !== '');
        },
      );
    });
  }
}
