import { join } from 'node:path';
import type { Child } from '../../e2e/harness/child.ts';
import { HERE, type Place } from '../../e2e/harness/place.ts';
import type { Answer, Job, JobResult } from './jobs.ts';

/** Failed flows that are put up with, as a share of all. */
const FAILURES_ALLOWED = 0.001;

/** Where the two run; both on this machine when left out. */
export interface LoadPlaces {
  readonly client: Place;
  readonly server: Place;
  /** An IPv4 address of the server; it listens on all. */
  readonly originHost: string;
}

const LOOPBACK: LoadPlaces = { client: HERE, server: HERE, originHost: '127.0.0.1' };

/** Generator and origin: two processes that live as long as the bench, so that both are warm. */
export class LoadGenerator {
  readonly originHost: string;
  readonly originPort: number;
  readonly #generator: Child;
  readonly #origin: Child;

  private constructor(generator: Child, origin: Child, originHost: string, originPort: number) {
    this.originHost = originHost;
    this.#generator = generator;
    this.#origin = origin;
    this.originPort = originPort;
  }

  static async start({ client, server, originHost }: LoadPlaces = LOOPBACK): Promise<LoadGenerator> {
    const listen = server === HERE ? originHost : '0.0.0.0';
    const origin = start(server, 'origin-main.ts', listen);
    const generator = start(client, 'generator-main.ts');
    const port = (await origin.log.waitFor(/^listening (\d+)$/))[1];
    return new LoadGenerator(generator, origin, originHost, Number(port));
  }

  /** @throws {Error} when flows failed, when the generator did, or when there is no answer within `withinMs` */
  async run(job: Job, withinMs: number): Promise<JobResult> {
    const line = this.#generator.log.waitForNext(/^answer (.*)$/, withinMs);
    this.#generator.write(`${JSON.stringify(job)}\n`);
    const answer = JSON.parse((await line)[1]!) as Answer;
    if ('error' in answer) throw new Error(`The load generator failed: ${answer.error}`);
    const { failures, units } = answer.result;
    if (failures > units * FAILURES_ALLOWED) {
      throw new Error(`${failures} flows failed, ${units} units succeeded: ${job.kind} by ${job.route.via}`);
    }
    return answer.result;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#generator.kill(), this.#origin.kill()]);
  }
}

function start(place: Place, file: string, ...args: string[]): Child {
  return place.spawn([process.execPath, join(import.meta.dirname, file), ...args], { name: file });
}
