import { rm } from 'node:fs/promises';
import { type Clock, type Logger, SupervisedProcess } from '@pocketproxy/runtime';
import { ManagementClient, type ManagementEvent } from './management-client.ts';

/** What becomes of one run of the daemon. */
export interface DaemonRun {
  /** Takes what the daemon tells. */
  handle(event: ManagementEvent): void;
  /** The run is over, and all of its clients are gone. */
  endAll(): void;
}

export interface DaemonOptions {
  readonly program: string;
  readonly configFile: string;
  readonly managementSocket: string;
  /** Begins a run, over its management connection. */
  readonly run: (management: ManagementClient) => DaemonRun;
  /** Told when the daemon takes clients (`null`), and when it does not, with its own last words. */
  readonly onState: (problem: string | null) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const CONNECT_POLL_MS = 25;
/** By then a daemon that was told to end has said goodbye to its clients. */
const GOODBYE_MS = 300;
const STOP_GRACE_MS = 3_000;
const REMEMBERED_LINES = 3;

/** The OpenVPN daemon, kept running, and our one connection to its management socket. */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #process: SupervisedProcess;
  #management: ManagementClient | null = null;
  #lastWords: string[] = [];
  /** Grows with each start of the process: what belongs to an older one is stale. */
  #generation = 0;

  constructor(options: DaemonOptions) {
    this.#options = options;
    const { program, configFile, clock, log } = options;
    this.#process = new SupervisedProcess(
      { name: 'openvpn', command: program, args: ['--config', configFile], env: {}, deathSignal: 'SIGTERM' },
      {
        ...{ clock, log },
        onLine: (line) => this.#line(line),
        onStart: () => void this.#started(),
        onExit: () => this.#exited(),
      },
    );
  }

  get pid(): number | null {
    return this.#process.pid;
  }

  /** Starts it; whether it came up is told by `onState`. @throws {ProgramNotFoundError} */
  async start(): Promise<void> {
    await rm(this.#options.managementSocket, { force: true });
    this.#process.start();
  }

  /**
   * Ends it. With clients it tells them so first, and would go on for two seconds in which it answers those who come
   * again, to no purpose; a second signal ends it at once.
   */
  async stop(hasClients: boolean): Promise<void> {
    if (hasClients && this.#process.signal('SIGTERM')) {
      await new Promise<void>((resolve) => void this.#options.clock.setTimeout(resolve, GOODBYE_MS));
    }
    await this.#process.stop(hasClients ? 'SIGTERM' : 'SIGKILL', STOP_GRACE_MS);
    this.#management?.close();
    await rm(this.#options.managementSocket, { force: true });
  }

  async #started(): Promise<void> {
    this.#lastWords = [];
    this.#generation += 1;
    const generation = this.#generation;
    const { managementSocket, clock } = this.#options;
    // The process makes its socket in its own time; a socket of the last run refuses.
    while (generation === this.#generation) {
      const opened = await this.#open(managementSocket, generation);
      if (opened) return;
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, CONNECT_POLL_MS));
    }
  }

  async #open(path: string, generation: number): Promise<boolean> {
    let run: DaemonRun | null = null;
    try {
      const management = await ManagementClient.open(path, {
        event: (event) => this.#told(event, run),
        closed: () => run?.endAll(),
      });
      if (generation !== this.#generation) {
        management.close();
        return true;
      }
      this.#management = management;
      run = this.#options.run(management);
      void management.command('state', 'on');
      return true;
    } catch {
      return false;
    }
  }

  #told(event: ManagementEvent, run: DaemonRun | null): void {
    if (event.type === 'hold') void this.#management?.command('hold release');
    else if (event.type === 'state') {
      if (event.name === 'CONNECTED') this.#options.onState(null);
    } else run?.handle(event);
  }

  #exited(): void {
    this.#generation += 1;
    this.#management?.close();
    this.#management = null;
    if (!this.#process.stopping) this.#options.onState(this.#lastWords.join('; ') || 'it ended');
  }

  #line(line: string): void {
    if (line === '') return;
    this.#lastWords = [...this.#lastWords, line].slice(-REMEMBERED_LINES);
    this.#options.log.debug({ process: 'openvpn' }, line);
  }
}
