import type { Clock, Logger } from '@pocketproxy/runtime';
import type {
  AttemptOutcome,
  ClaimedDelivery,
  NotificationDeliveryRepository,
} from '../../db/notification-delivery-repository.ts';
import type { Bus } from '../../domain/bus.ts';
import { DeliveryError, type Message, type MessageEvent } from './message.ts';
import { nextAttempt } from './retry-schedule.ts';

/** Attempts fall due with time alone, and a NOTIFY may have been missed. */
const TICK_MS = 1_000;
/** Longer than any attempt takes: see `SEND_TIMEOUT_MS`. */
const LEASE_MS = 20_000;
/** Receivers that this process waits for at the same time. */
const AT_ONCE = 16;
/** How long a process that stops lets receivers answer. */
const DRAIN_MS = 2_000;
const PRUNE_EVERY_MS = 3_600_000;
/** For how long messages are kept. */
export const KEEP_DELIVERIES_MS = 30 * 86_400_000;

/** Sends a message to a channel. @throws {DeliveryError} */
export type Deliver = (
  channel: ClaimedDelivery['channel'],
  message: Message,
  signal: AbortSignal,
) => Promise<void>;

export interface DeliveryWorkerOptions {
  readonly repository: Pick<NotificationDeliveryRepository, 'claim' | 'finish' | 'prune'>;
  readonly deliver: Deliver;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * Sends what the outbox holds: at once when a message is queued, again and again for a day when a receiver is down.
 * Any number of processes may run one, and may end at any moment: a message that was taken and not finished is taken
 * again. So a receiver may get a message twice, with the same id, but never none. One message at a time to each
 * channel: a slow receiver holds up nobody else.
 */
export class DeliveryWorker {
  readonly #options: DeliveryWorkerOptions;
  /** By channel. */
  readonly #sending = new Map<string, Promise<void>>();
  readonly #abort = new AbortController();
  #claiming: Promise<void> | null = null;
  #pruning: Promise<void> = Promise.resolve();
  #again = false;
  #stopped = false;
  #unsubscribe: () => void = () => {};

  constructor(options: DeliveryWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, bus } = this.#options;
    const timers = [
      clock.setInterval(() => this.#wake(), TICK_MS),
      clock.setInterval(() => this.#prune(), PRUNE_EVERY_MS),
    ];
    const unsubscribe = [
      bus.subscribe('notification.queued', () => this.#wake()),
      bus.onResync(() => this.#wake()),
    ];
    this.#unsubscribe = () => {
      for (const timer of timers) timer.cancel();
      for (const stop of unsubscribe) stop();
    };
    this.#wake();
    this.#prune();
  }

  /** Takes nothing more, lets receivers finish briefly, and gives back what was broken off. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    await this.#claiming;
    const timer = this.#options.clock.setTimeout(() => this.#abort.abort(), DRAIN_MS);
    await Promise.all([...this.#sending.values(), this.#pruning]);
    timer.cancel();
  }

  #wake(): void {
    if (this.#stopped) return;
    if (this.#claiming) {
      this.#again = true;
      return;
    }
    this.#claiming = this.#claim().then(() => {
      this.#claiming = null;
      if (!this.#again) return;
      this.#again = false;
      this.#wake();
    });
  }

  async #claim(): Promise<void> {
    const { repository, clock, log } = this.#options;
    const limit = AT_ONCE - this.#sending.size;
    if (limit <= 0) return;
    try {
      const now = clock.now();
      const claimed = await repository.claim({
        ...{ now: new Date(now), leaseUntil: new Date(now + LEASE_MS), limit },
        busyChannels: [...this.#sending.keys()],
      });
      for (const one of claimed) this.#begin(one);
    } catch (error) {
      log.warn({ err: error }, 'messages could not be taken from the outbox');
    }
  }

  #begin(claimed: ClaimedDelivery): void {
    const { id } = claimed.channel;
    const sending = this.#attempt(claimed).then(() => {
      this.#sending.delete(id);
      // There may be more for this channel.
      this.#wake();
    });
    this.#sending.set(id, sending);
  }

  async #attempt({ delivery, channel }: ClaimedDelivery): Promise<void> {
    const { repository, log } = this.#options;
    const outcome = await this.#send({ delivery, channel });
    const facts = { deliveryId: delivery.id, channelId: channel.id, event: delivery.event };
    log.info({ ...facts, attempt: delivery.attempts, ...factsOf(outcome) }, 'message sent');
    try {
      await repository.finish(delivery, outcome);
    } catch (error) {
      // It will be sent once more when the lease is over; its id tells the receiver that it is the same.
      log.warn({ err: error, ...facts }, 'what became of a message could not be stored');
    }
  }

  async #send({ delivery, channel }: ClaimedDelivery): Promise<AttemptOutcome> {
    const { clock, random, deliver } = this.#options;
    try {
      await deliver(channel, messageOf(delivery), this.#abort.signal);
      return { status: 'delivered', at: new Date(clock.now()) };
    } catch (error) {
      const now = clock.now();
      if (this.#abort.signal.aborted) return { status: 'released', at: new Date(now) };
      const text = this.#explained(error);
      const permanent = error instanceof DeliveryError && error.permanent;
      const { attempts, createdAt } = delivery;
      const next = permanent ? null : nextAttempt({ attempts, createdAt: createdAt.getTime() }, now, random);
      if (next === null) return { status: 'failed', error: text };
      return { status: 'pending', error: text, nextAttemptAt: new Date(next) };
    }
  }

  #explained(error: unknown): string {
    if (error instanceof DeliveryError) return error.message;
    this.#options.log.error({ err: error }, 'a message could not be made');
    return 'Internal error; see the log of the server';
  }

  #prune(): void {
    const { repository, clock, log } = this.#options;
    this.#pruning = repository.prune(new Date(clock.now() - KEEP_DELIVERIES_MS)).catch((error: unknown) => {
      log.warn({ err: error }, 'old messages could not be removed');
    });
  }
}

/** The message of a row of the outbox. */
function messageOf({ id, event, payload, createdAt }: ClaimedDelivery['delivery']): Message {
  const { event: _, at, ...data } = payload;
  const told = typeof at === 'string' ? new Date(at) : createdAt;
  return { id, event: event as MessageEvent, at: told, data };
}

function factsOf(outcome: AttemptOutcome): { outcome: string; reason?: string } {
  return 'error' in outcome
    ? { outcome: outcome.status, reason: outcome.error }
    : { outcome: outcome.status };
}
