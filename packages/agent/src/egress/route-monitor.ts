import {
  type Clock,
  type Logger,
  ProgramNotFoundError,
  SupervisedProcess,
  type Timer,
} from '@pocketproxy/runtime';

/** Tells when links, addresses, routes or rules change. */
export interface RouteMonitor {
  /** Calls `onChange` at the start and after the end of each burst of changes. */
  start(onChange: () => void): void;
  stop(): Promise<void>;
}

/** A link that goes up is followed by its addresses and routes. */
const BURST_MS = 50;

/** Listens to `ip monitor`. */
export class IpRouteMonitor implements RouteMonitor {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #process: SupervisedProcess;
  #onChange: () => void = () => {};
  #burst: Timer | null = null;
  #more = false;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Logger }) {
    this.#clock = clock;
    this.#log = log;
    this.#process = new SupervisedProcess(
      { name: 'ip monitor', command: 'ip', args: ['monitor', 'link', 'address', 'route', 'rule'] },
      { clock, log, onLine: (_line, stream) => stream === 'stdout' && this.#noticed() },
    );
  }

  start(onChange: () => void): void {
    this.#onChange = onChange;
    try {
      this.#process.start();
    } catch (error) {
      if (!(error instanceof ProgramNotFoundError)) throw error;
      this.#log.warn({ err: error }, 'changes of routes are not noticed on this host');
    }
  }

  async stop(): Promise<void> {
    this.#onChange = () => {};
    this.#burst?.cancel();
    await this.#process.stop();
  }

  #noticed(): void {
    if (this.#burst) {
      this.#more = true;
      return;
    }
    this.#more = false;
    this.#burst = this.#clock.setTimeout(() => {
      this.#burst = null;
      if (this.#more) this.#noticed();
    }, BURST_MS);
    this.#onChange();
  }
}
