import { join } from 'node:path';
import { Child } from '../../e2e/harness/child.ts';
import type { TestServer } from '../../e2e/harness/test-server.ts';
import { until } from '../../e2e/harness/until.ts';
import type { Running } from '../started.ts';
import { readMetric } from './server-metrics.ts';

const MANY = join(import.meta.dirname, '../../packages/agent/src/testing/many-main.ts');
/** Phones of one process: as many share its time without being late with their reports. */
const PHONES_A_PROCESS = 320;
/** Pairing makes a key and a certificate for each phone. */
const PAIRED_WITHIN_MS = 600_000;
const ONLINE_WITHIN_MS = 120_000;

/** Thousands of real agents, in a few processes. */
export class Crowd implements Running {
  readonly #server: TestServer;
  readonly #count: number;
  readonly #processes: readonly Child[];

  /** Starts the processes, which wait for `pair`. */
  constructor(server: TestServer, count: number) {
    this.#server = server;
    this.#count = count;
    const settings = JSON.stringify({ platform: 'simulated' });
    this.#processes = Array.from(
      { length: Math.ceil(count / PHONES_A_PROCESS) },
      () => new Child([process.execPath, MANY, settings], { name: 'agents' }),
    );
  }

  /** Pairs all phones; resolves when the server serves them. Takes minutes; `stop` ends it. */
  async pair(): Promise<void> {
    const ready = this.#processes.map((child) => child.log.waitFor(/^ready \d+$/, PAIRED_WITHIN_MS));
    // Looked at below, and a process may end before.
    for (const one of ready) one.catch(() => {});
    for (let phone = 0; phone < this.#count; phone++) {
      const { pairingUrl } = await this.#server.api.createPairingCode({ name: `Phone ${phone + 1}` });
      this.#processes[phone % this.#processes.length]!.write(`${pairingUrl}\n`);
    }
    for (const child of this.#processes) child.closeInput();
    await Promise.all(ready);
    await this.online();
  }

  /** Resolves when the server serves all of them. */
  async online(): Promise<void> {
    const allServed = async (): Promise<boolean> =>
      (await readMetric(this.#server, 'pocketproxy_tunnel_devices')) >= this.#count;
    await until(`${this.#count} phones to be online`, allServed, ONLINE_WITHIN_MS);
  }

  /** Holds all of them still while something is done that they would disturb. */
  async absentDuring(action: () => Promise<void>): Promise<void> {
    for (const child of this.#processes) child.signal('SIGSTOP');
    try {
      await action();
    } finally {
      for (const child of this.#processes) child.signal('SIGCONT');
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((child) => child.kill()));
  }
}
