import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { openFlow } from './client-flow.ts';
import type { AskJob, HoldJob, JobResult } from './jobs.ts';

/** Opened at the same time; more would only test the accept queue. */
const AT_ONCE = 32;
const TICK_MS = 10;
/** What was asked last has this long to be answered. */
const LAST_ANSWER_MS = 2_000;
const REQUEST = Buffer.from('GET /keep HTTP/1.1\r\nHost: origin\r\n\r\n');

interface HeldFlow {
  readonly socket: Socket;
  /** When it was asked what was not answered yet. */
  askedAt: number | null;
}

/** Flows that were opened and stay open. */
export class HeldFlows {
  #flows: HeldFlow[] = [];
  #latenciesMs: number[] = [];

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

  /** Asks one flow after the other for a small answer. A flow has failed that is closed or owes an answer at the end. */
  async ask(job: AskJob): Promise<JobResult> {
    this.#latenciesMs = [];
    const startedAt = performance.now();
    let asked = 0;
    for (let elapsed = 0; elapsed < job.countedMs; elapsed = performance.now() - startedAt) {
      for (; asked < (elapsed / 1000) * job.perSecond; asked++) this.#askOne(asked % this.#flows.length);
      await delay(TICK_MS);
    }
    const deadline = performance.now() + LAST_ANSWER_MS;
    while (performance.now() < deadline && this.#flows.some(owes)) await delay(TICK_MS);
    const failures = this.#flows.filter((flow) => flow.socket.closed || owes(flow)).length;
    const latenciesMs = this.#latenciesMs;
    const perSecond = (latenciesMs.length / (performance.now() - startedAt)) * 1000;
    return { units: this.#flows.length, perSecond, failures, latenciesMs };
  }

  /** Ends what the last job opened; resolves when all are closed. */
  async release(): Promise<void> {
    const flows = this.#flows;
    this.#flows = [];
    // Those whose proxy has ended are closed already.
    const open = flows.filter(({ socket }) => !socket.closed);
    const closed = open.map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
    for (const { socket } of open) socket.end();
    await Promise.all(closed);
  }

  #openOne(job: HoldJob): Promise<boolean> {
    return new Promise((resolve) => {
      let flow: HeldFlow | null = null;
      openFlow(job, {
        opened: (socket) => {
          flow = { socket, askedAt: null };
          this.#flows.push(flow);
          resolve(true);
        },
        // The answer is smaller than a segment: one chunk is one answer.
        received: () => {
          if (!flow || flow.askedAt === null) return;
          this.#latenciesMs.push(performance.now() - flow.askedAt);
          flow.askedAt = null;
        },
        closed: () => resolve(false),
      });
    });
  }

  #askOne(index: number): void {
    const flow = this.#flows[index];
    if (!flow || owes(flow) || flow.socket.closed) return;
    flow.askedAt = performance.now();
    flow.socket.write(REQUEST);
  }
}

function owes({ askedAt }: HeldFlow): boolean {
  return askedAt !== null;
}
