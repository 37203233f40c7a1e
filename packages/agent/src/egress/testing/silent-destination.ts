import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Listens with room for two connections in the kernel's queue, tells its port, and never accepts any. */
const PROGRAM = `
  const [host, port] = process.argv.slice(1);
  const server = require('node:net').createServer();
  server.listen({ host, port: Number(port), backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** A destination that never answers a SYN: its accept queue is full, so the kernel drops them. */
export class SilentDestination {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #queued: readonly Socket[];

  private constructor(port: number, child: ChildProcess, queued: readonly Socket[]) {
    this.port = port;
    this.#child = child;
    this.#queued = queued;
  }

  static async start(host: string, wanted = 0): Promise<SilentDestination> {
    const child = spawn(process.execPath, ['-e', PROGRAM, host, String(wanted)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = await once(child.stdout, 'data');
    const port = Number(String(text));
    const queued = [connect(port, host), connect(port, host)];
    for (const socket of queued) socket.on('error', () => {});
    await Promise.all(queued.map((socket) => once(socket, 'connect')));
    return new SilentDestination(port, child, queued);
  }

  close(): void {
    for (const socket of this.#queued) socket.destroy();
    this.#child.kill('SIGKILL');
  }
}
