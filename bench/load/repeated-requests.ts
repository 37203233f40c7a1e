import type { Socket } from 'node:net';
import { openFlow } from './client-flow.ts';
import type { JobResult, RequestsJob } from './jobs.ts';
import { TimedCount } from './timed-count.ts';

const REQUEST = Buffer.from('GET /keep HTTP/1.1\r\nHost: origin\r\n\r\n');

/** Each client asks again as soon as the small answer is there, on one flow that stays open. */
export async function repeatedRequests(job: RequestsJob): Promise<JobResult> {
  const count = new TimedCount();
  const sockets: Socket[] = [];
  const closed = Array.from({ length: job.clients }, () => runClient(job, count, sockets));
  const result = await count.run(job.warmUpMs, job.countedMs);
  for (const socket of sockets) socket.end();
  await Promise.all(closed);
  return result;
}

function runClient(job: RequestsJob, count: TimedCount, sockets: Socket[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = openFlow(job, {
      opened: () => socket.write(REQUEST),
      // The answer is smaller than a segment: one chunk is one answer.
      received: () => {
        count.done();
        if (count.running) socket.write(REQUEST);
      },
      closed: (complete) => {
        if (!complete || count.running) count.failed();
        resolve();
      },
    });
    sockets.push(socket);
  });
}
