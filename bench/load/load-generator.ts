import { join } from 'node:path';
import { Child } from '../../e2e/harness/child.ts';
import type { Answer, Job, JobResult } from './jobs.ts';

/** Failed flows that are put up with, as a share of all. */
const FAILURES_ALLOWED = 0.001;

/** Generator and origin: two processes that live as long as the bench, so that both are warm. */
export class LoadGenerator {
  readonly originPort: number;
  readonly #generator: Child;
  readonly #origin: Child;

  private constructor(generator: Child, origin: Child, originPort: number) {
    this.#generator = generator;
    this.#origin = origin;
    this.originPort = originPort;
  }

  static async start(): Promise<LoadGenerator> {
    const origin = start('origin-main.ts');
    const generator = start('generator-main.ts');
    const port = (await origin.log.waitFor(/^listening (\d+)$/))[1];
    return new LoadGenerator(generator, origin, Number(port));
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

function start(file: string): Child {
  return new Child([process.execPath, join(import.meta.dirname, file)], { name: file });
}
