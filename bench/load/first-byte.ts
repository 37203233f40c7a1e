import { setTimeout as delay } from 'node:timers/promises';
import { openFlow } from './client-flow.ts';
import type { FirstByteJob, JobResult } from './jobs.ts';

const REQUEST = Buffer.from('GET /once HTTP/1.1\r\nHost: origin\r\nConnection: close\r\n\r\n');

/** One flow at a time, from the client's connect to the first byte of the answer. */
export async function firstByte(job: FirstByteJob): Promise<JobResult> {
  const latenciesMs: number[] = [];
  let failures = 0;
  const startedAt = performance.now();
  for (let flow = 0; flow < job.flows; flow++) {
    await delay(job.pauseMs);
    const latency = await measureOne(job);
    if (latency === null) failures += 1;
    else latenciesMs.push(latency);
  }
  const perSecond = (job.flows / (performance.now() - startedAt)) * 1000;
  return { units: job.flows, perSecond, failures, latenciesMs };
}

/** Milliseconds; `null` when no answer came. */
function measureOne(job: FirstByteJob): Promise<number | null> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let latency: number | null = null;
    openFlow(job, {
      opened: (socket) => socket.write(REQUEST),
      received: () => {
        latency ??= performance.now() - startedAt;
      },
      closed: (complete) => resolve(complete ? latency : null),
    });
  });
}
