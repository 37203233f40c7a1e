import { type CommandOrder, type CommandOutcome, FlowError } from '@pocketproxy/protocol';
import type { Logger } from '@pocketproxy/runtime';
import type { OrderJournal } from './order-journal.ts';
import { describe, failed } from './outcomes.ts';

/** What an order does. Never rejects; comes to an end soon after `signal` was aborted. */
export interface OrderCarrier {
  carryOut(order: CommandOrder, signal: AbortSignal): Promise<CommandOutcome>;
}

export interface OrdersOptions {
  readonly journal: Pick<OrderJournal, 'outcome' | 'begin' | 'finish'>;
  readonly actions: OrderCarrier;
  readonly log: Logger;
}

/** These must not come between each other: one at a time, in the order of their arrival. */
const EXCLUSIVE: ReadonlySet<CommandOrder['type']> = new Set(['rotate_ip', 'reboot', 'restart_agent']);

/** Takes orders of the relay, each once however often it is asked for, and whatever becomes of the tunnel. */
export class Orders {
  readonly #options: OrdersOptions;
  readonly #running = new Map<string, Promise<CommandOutcome>>();
  readonly #stopping = new AbortController();
  /** The last of the exclusive orders. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  /**
   * Carries an order out, or answers how the one with this id ended.
   * @throws {FlowError} device_offline when the agent stops before it was begun: then it may be asked for again
   */
  take(id: string, order: CommandOrder): Promise<CommandOutcome> {
    const running = this.#running.get(id);
    if (running) return running;
    const known = this.#options.journal.outcome(id);
    if (known) return Promise.resolve(known);
    const outcome = (EXCLUSIVE.has(order.type) ? this.#inTurn(id, order) : this.#run(id, order)).finally(() =>
      this.#running.delete(id),
    );
    // Whoever asked may be gone before there is an outcome.
    outcome.catch(() => {});
    this.#running.set(id, outcome);
    return outcome;
  }

  /** Asks orders under way to come to an end, begins no others, and waits for the outcomes. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#running.values());
  }

  #inTurn(id: string, order: CommandOrder): Promise<CommandOutcome> {
    const outcome = this.#turn.then(() => this.#run(id, order));
    this.#turn = outcome.catch(() => {});
    return outcome;
  }

  async #run(id: string, order: CommandOrder): Promise<CommandOutcome> {
    const { journal, actions, log } = this.#options;
    if (this.#stopping.signal.aborted) throw new FlowError('device_offline', 'The agent is stopping');
    try {
      await journal.begin(id, order.type);
    } catch (error) {
      log.error({ err: error, order: id }, 'order not begun, it could not be recorded');
      return failed('failed', `The order could not be recorded, so it was not begun: ${describe(error)}`);
    }
    log.info({ order: id, type: order.type }, 'order begun');
    const outcome = await actions.carryOut(order, this.#stopping.signal);
    await journal.finish(id, outcome);
    log.info({ order: id, type: order.type, ...outcome }, 'order done');
    return outcome;
  }
}
