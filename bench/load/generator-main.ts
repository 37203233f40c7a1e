/** The load generator, as a process: reads one job a line from its input, prints one answer a line. */
import { createInterface } from 'node:readline';
import { bulk } from './bulk.ts';
import { firstByte } from './first-byte.ts';
import { HeldFlows } from './held-flows.ts';
import type { Answer, Job, JobResult } from './jobs.ts';
import { repeatedRequests } from './repeated-requests.ts';
import { shortFlows } from './short-flows.ts';

const held = new HeldFlows();

async function perform(job: Job): Promise<JobResult> {
  if (job.kind !== 'ask') await held.release();
  switch (job.kind) {
    case 'flows':
      return await shortFlows(job);
    case 'requests':
      return await repeatedRequests(job);
    case 'bulk':
      return await bulk(job);
    case 'first-byte':
      return await firstByte(job);
    case 'hold':
      return await held.open(job);
    case 'ask':
      return await held.ask(job);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer: Answer = await perform(JSON.parse(line) as Job).then(
    (result) => ({ result }),
    (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
  );
  process.stdout.write(`answer ${JSON.stringify(answer)}\n`);
}
process.exit();
