import { openFlow } from './client-flow.ts';
import type { BulkJob, JobResult } from './jobs.ts';

const BLOCK = Buffer.alloc(256 * 1024, 'pocketproxy');
const LATIN1 = 'latin1';

/** Moves `bytesPerFlow` on each flow, all at once; the time ends when the last byte has arrived at its receiver. */
export async function bulk(job: BulkJob): Promise<JobResult> {
  const startedAt = performance.now();
  const move = job.direction === 'down' ? download : upload;
  const arrived = await Promise.all(Array.from({ length: job.flows }, () => move(job)));
  const seconds = (performance.now() - startedAt) / 1000;
  const units = arrived.reduce((sum, bytes) => sum + bytes, 0);
  const failures = arrived.filter((bytes) => bytes !== job.bytesPerFlow).length;
  return { units, perSecond: units / seconds, failures, latenciesMs: [] };
}

function download(job: BulkJob): Promise<number> {
  return new Promise((resolve) => {
    let bytes = 0;
    openFlow(job, {
      opened: (socket) => socket.write(`GET /down/${job.bytesPerFlow} HTTP/1.1\r\n\r\n`),
      received: (chunk) => {
        bytes += chunk.length;
      },
      closed: () => resolve(bytes),
    });
  });
}

/** Answers the number of bytes that the origin says it got. */
function upload(job: BulkJob): Promise<number> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = openFlow(job, {
      opened: () => {
        socket.write('POST /up HTTP/1.1\r\n\r\n');
        let left = job.bytesPerFlow;
        const pour = (): void => {
          let ready = true;
          while (left > 0 && ready) {
            ready = socket.write(left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK);
            left -= Math.min(left, BLOCK.length);
          }
          if (left === 0) socket.end();
          else socket.once('drain', pour);
        };
        pour();
      },
      received: (chunk) => {
        answer += chunk.toString(LATIN1);
      },
      closed: () => resolve(Number(/\r\n\r\n(\d+)$/.exec(answer)?.[1] ?? 0)),
    });
  });
}
