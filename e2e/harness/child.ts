import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ChildLog } from './child-log.ts';
import { within } from './until.ts';

/** How a child process ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  /** Shown before each of its lines when a test fails. */
  readonly name?: string | undefined;
  readonly cwd?: string | undefined;
  /** Added to this process's environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Puts the child into a process group of its own, as a terminal would. */
  readonly ownGroup?: boolean | undefined;
}

const COMPILE_CACHE = join(tmpdir(), 'pocketproxy-e2e-compile-cache');
const living = new Set<Child>();
process.on('exit', () => {
  for (const child of living) child.signal('SIGKILL');
});

/** A child process whose output is kept as lines, and that never outlives the test process. */
export class Child {
  readonly name: string;
  readonly log: ChildLog;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ChildExit>;
  readonly #process: ChildProcess;

  constructor(argv: readonly string[], options: ChildOptions = {}) {
    const [command, ...rest] = argv;
    if (command === undefined) throw new TypeError('No command given');
    this.name = options.name ?? command;
    this.log = new ChildLog(this.name);
    this.#process = spawn(command, rest, {
      cwd: options.cwd,
      // Programs of many test files start the same modules: without the cache each start compiles them anew.
      env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: options.ownGroup ?? false,
    });
    this.#process.stdin?.on('error', () => {});
    this.#process.stdout?.on('data', (chunk: Buffer) => this.log.append(chunk, 'out'));
    this.#process.stderr?.on('data', (chunk: Buffer) => this.log.append(chunk, 'err'));
    living.add(this);
    this.exited = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        living.delete(this);
        this.log.end(code ?? signal ?? 'nothing');
        resolve({ code, signal });
      };
      this.#process.once('close', end);
      this.#process.once('error', (error) => {
        this.log.append(Buffer.from(`${error.message}\n`), 'err');
        end(127, null);
      });
    });
  }

  /** @throws {Error} when the process could not be started */
  get pid(): number {
    if (this.#process.pid === undefined) throw new Error(`${this.name} did not start`);
    return this.#process.pid;
  }

  get stdout(): Readable {
    return this.#process.stdout!;
  }

  get running(): boolean {
    return living.has(this);
  }

  /** Writes to standard input and leaves it open. */
  write(text: string): void {
    this.#process.stdin?.write(text);
  }

  /** Ends standard input. */
  closeInput(): void {
    this.#process.stdin?.end();
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#process.pid !== undefined) this.#process.kill(signal);
  }

  /** Sends `signal` to the whole process group of a child that has its own. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** `kill -9`, and waits for the end. */
  async kill(): Promise<ChildExit> {
    this.signal('SIGKILL');
    return await this.exited;
  }

  /** Asks it to end by SIGTERM. @throws {Error} when it had to be killed after `withinMs` */
  async stop(withinMs = 10_000): Promise<ChildExit> {
    this.signal('SIGTERM');
    try {
      return await within(`${this.name} to end after SIGTERM`, withinMs, this.exited);
    } catch (error) {
      await this.kill();
      throw error;
    }
  }
}
