import { connect, type Socket } from 'node:net';
import { FlowError } from '@pocketproxy/protocol';
import type { Clock, Timer } from '@pocketproxy/runtime';
import { dialError, moreTelling } from './dial-errors.ts';
import { bindAddress, type EgressSource, localAddressFor } from './egress-path.ts';

/** An address that may be dialled: canonical, and already checked. */
export interface DialAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface DialPlan {
  /** In order of preference, at least one unless `more` is given. */
  readonly addresses: readonly DialAddress[];
  /** Addresses of the other family whose DNS answer is late. Never rejects. */
  readonly more?: Promise<readonly DialAddress[]> | null | undefined;
  readonly port: number;
  readonly source: EgressSource;
  readonly signal?: AbortSignal | undefined;
}

/** What came of a dial. */
export interface Dialled {
  readonly socket: Socket;
  /** Where it leads, as it was dialled: the socket itself would have to ask the system. */
  readonly address: string;
}

export interface DialTimes {
  /** For the whole dial. */
  readonly connectTimeoutMs: number;
  /** Connection Attempt Delay, RFC 8305 section 5. */
  readonly attemptDelayMs: number;
}

/**
 * Dials addresses as RFC 8305 says: the next one when an attempt fails or takes longer than the attempt delay; the
 * first that connects wins and the others are destroyed.
 * @throws {FlowError} the most telling failure
 */
export function dial(plan: DialPlan, times: DialTimes, clock: Clock): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    new Race(plan, times, clock, resolve, reject).start();
  });
}

class Race {
  readonly #plan: DialPlan;
  readonly #times: DialTimes;
  readonly #clock: Clock;
  readonly #resolve: (dialled: Dialled) => void;
  readonly #reject: (error: FlowError) => void;
  readonly #queue: DialAddress[];
  readonly #running = new Set<Socket>();
  #moreToCome: boolean;
  #failure: FlowError | null = null;
  #deadline: Timer | null = null;
  #delay: Timer | null = null;
  #over = false;

  constructor(
    plan: DialPlan,
    times: DialTimes,
    clock: Clock,
    resolve: (dialled: Dialled) => void,
    reject: (error: FlowError) => void,
  ) {
    this.#plan = plan;
    this.#times = times;
    this.#clock = clock;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#queue = [...plan.addresses];
    this.#moreToCome = plan.more != null;
  }

  start(): void {
    const { signal, more } = this.#plan;
    if (signal?.aborted) {
      this.#end(givenUp());
      return;
    }
    signal?.addEventListener('abort', this.#onAbort);
    this.#deadline = this.#clock.setTimeout(
      () => this.#end(new FlowError('connect_timeout')),
      this.#times.connectTimeoutMs,
    );
    void more?.then((late) => {
      this.#moreToCome = false;
      this.#queue.push(...late);
      if (!this.#over && this.#delay === null) this.#next();
    });
    this.#next();
  }

  /** Starts one more attempt, or ends the race when nothing is left to try. */
  #next(): void {
    this.#delay?.cancel();
    this.#delay = null;
    const next = this.#queue.shift();
    if (!next) {
      if (this.#running.size === 0 && !this.#moreToCome) {
        this.#end(this.#failure ?? new FlowError('network_unreachable'));
      }
      return;
    }
    this.#attempt(next);
    if (this.#over || this.#queue.length === 0) return;
    this.#delay = this.#clock.setTimeout(() => this.#next(), this.#times.attemptDelayMs);
  }

  #attempt({ address, family }: DialAddress): void {
    const local = localAddressFor(this.#plan.source, address);
    if (local === null) {
      this.#failed(new FlowError('network_unreachable', missingFamily(family)));
      return;
    }
    const socket = connect({
      host: address,
      port: this.#plan.port,
      family,
      localAddress: bindAddress(local),
      allowHalfOpen: true,
      noDelay: true,
    });
    this.#running.add(socket);
    const onError = (error: Error) => {
      this.#running.delete(socket);
      if (!this.#over) this.#failed(dialError(error));
    };
    socket.on('error', onError);
    socket.once('connect', () => {
      if (this.#over) return;
      this.#running.delete(socket);
      // A reset may come before the new owner listens, and would end the process.
      socket.on('error', ignore);
      socket.off('error', onError);
      this.#finish();
      this.#resolve({ socket, address });
    });
  }

  #failed(error: FlowError): void {
    this.#failure = moreTelling(this.#failure, error);
    this.#next();
  }

  readonly #onAbort = () => this.#end(givenUp());

  #end(error: FlowError): void {
    if (this.#over) return;
    this.#finish();
    this.#reject(error);
  }

  #finish(): void {
    this.#over = true;
    this.#deadline?.cancel();
    this.#delay?.cancel();
    this.#plan.signal?.removeEventListener('abort', this.#onAbort);
    for (const loser of this.#running) loser.destroy();
  }
}

function ignore(): void {}

function givenUp(): FlowError {
  return new FlowError('connection_reset', 'The client gave up');
}

function missingFamily(family: 4 | 6): string {
  return `The mobile network gave this device no IPv${family} address`;
}
