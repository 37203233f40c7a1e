import { join } from 'node:path';
import { callHttp } from '../harness/http-call.ts';
import { openDescriptors } from '../harness/process-facts.ts';

const PROBE = join(import.meta.dirname, 'probe-main.ts');

/** What a process holds after a full collection. Bytes. */
export interface Holding {
  /** Of V8, compiled code included. */
  readonly heap: number;
  /** Compiled code, part of the heap: V8 goes on compiling for hours what is called seldom, up to the size of the program. */
  readonly code: number;
  readonly external: number;
  readonly resident: number;
  readonly descriptors: number;
}

/** Looks into a process that was started with its settings. */
export class ProcessProbe {
  readonly #socketPath: string;

  /** @param socketPath Of a Unix socket that the process will make */
  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Environment of the process that is looked into. */
  get env(): Readonly<Record<string, string>> {
    return {
      NODE_OPTIONS: `--expose-gc --import=${PROBE}`,
      LOAD_PROBE_SOCKET: this.#socketPath,
    };
  }

  /** Makes the process collect all garbage (a pause of some ten milliseconds) and answers what is left. */
  async look(pid: number): Promise<Holding> {
    const { body } = await callHttp({ socketPath: this.#socketPath }, { path: '/' });
    const { heapUsed, external, rss, code } = JSON.parse(body) as NodeJS.MemoryUsage & { code: number };
    return { heap: heapUsed, code, external, resident: rss, descriptors: await openDescriptors(pid) };
  }
}
