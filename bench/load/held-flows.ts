import type { Socket } from 'node:net';
import { openFlow } from './client-flow.ts';
import type { HoldJob, JobResult } from './jobs.ts';

/** Opened at the same time; more would only test the accept queue. */
const AT_ONCE = 32;

/** Flows that were opened and do nothing. */
export class HeldFlows {
  #sockets: Socket[] = [];

  async open(job: HoldJob): Promise<JobResult> {
    const startedAt = performance.now();
    let failures = 0;
    let left = job.flows;
    const line = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        if (!(await this.#openOne(job))) failures += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, line));
    const perSecond = (job.flows / (performance.now() - startedAt)) * 1000;
    return { units: job.flows, perSecond, failures, latenciesMs: [] };
  }

  /** Ends what the last job opened; resolves when all are closed. */
  async release(): Promise<void> {
    const sockets = this.#sockets;
    this.#sockets = [];
    // Those whose proxy has ended are closed already.
    const open = sockets.filter((socket) => !socket.closed);
    const closed = open.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of open) socket.end();
    await Promise.all(closed);
  }

  #openOne(job: HoldJob): Promise<boolean> {
    return new Promise((resolve) => {
      openFlow(job, {
        opened: (socket) => {
          this.#sockets.push(socket);
          resolve(true);
        },
        received: () => {},
        closed: () => resolve(false),
      });
    });
  }
}
