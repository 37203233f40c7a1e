import { openFlow } from './client-flow.ts';
import type { FlowsJob, JobResult } from './jobs.ts';
import { TimedCount } from './timed-count.ts';

const REQUEST = Buffer.from('GET /once HTTP/1.1\r\nHost: origin\r\nConnection: close\r\n\r\n');

/** Opens flows one after the other on each of `clients` lines; every flow gets one small answer. */
export async function shortFlows(job: FlowsJob): Promise<JobResult> {
  const count = new TimedCount();
  const lines = Array.from({ length: job.clients }, () => runLine(job, count));
  const result = await count.run(job.warmUpMs, job.countedMs);
  await Promise.all(lines);
  return result;
}

function runLine(job: FlowsJob, count: TimedCount): Promise<void> {
  return new Promise((resolve) => {
    const next = (): void => {
      let bytes = 0;
      openFlow(job, {
        opened: (socket) => socket.write(REQUEST),
        received: (chunk) => {
          bytes += chunk.length;
        },
        closed: (complete) => {
          if (complete && bytes > 0) count.done();
          else count.failed();
          if (count.running) next();
          else resolve();
        },
      });
    };
    next();
  });
}
