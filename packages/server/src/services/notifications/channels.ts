import {
  type ChannelType,
  type CreateNotificationChannelBody,
  type NotificationTestView,
  type PageQuery,
  targetProblem,
  type UpdateNotificationChannelBody,
} from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type {
  ChannelChanges,
  ChannelRecord,
  NotificationChannelRepository,
} from '../../db/notification-channel-repository.ts';
import type {
  DeliveryRecord,
  NotificationDeliveryRepository,
} from '../../db/notification-delivery-repository.ts';
import type { Page, Scope } from '../../db/scope.ts';
import { ServiceError } from '../service-error.ts';
import type { ChannelSecrets } from './channel-secrets.ts';
import { type AddressCheck, refusedLiteral } from './checked-lookup.ts';
import { KEEP_DELIVERIES_MS } from './delivery-worker.ts';
import { MAIL_IS_OFF } from './mail-sender.ts';
import { DeliveryError, type Message, type Sender } from './message.ts';

export type { ChannelRecord, DeliveryRecord };

export interface ChannelsOptions {
  readonly repository: NotificationChannelRepository;
  readonly deliveries: Pick<NotificationDeliveryRepository, 'history' | 'record'>;
  readonly secrets: ChannelSecrets;
  readonly senders: Readonly<Record<ChannelType, Sender>>;
  /** Which addresses webhooks may have. */
  readonly check: AddressCheck;
  /** Whether there is a mail server to send by. */
  readonly mailIsOn: boolean;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** Where people want to be told of what. */
export class NotificationChannels {
  readonly #options: ChannelsOptions;

  constructor(options: ChannelsOptions) {
    this.#options = options;
  }

  list(scope: Scope, query: PageQuery): Promise<Page<ChannelRecord>> {
    return this.#options.repository.list(scope, query);
  }

  /** @throws {ServiceError} `not_found` */
  async get(scope: Scope, id: string): Promise<ChannelRecord> {
    const channel = await this.#options.repository.byId(scope, id);
    if (!channel) throw notFound();
    return channel;
  }

  /** The secret is `null` for e-mail. @throws {ServiceError} `validation_failed` */
  async create(
    organizationId: string,
    body: CreateNotificationChannelBody,
  ): Promise<{ readonly channel: ChannelRecord; readonly secret: string | null }> {
    const { repository, secrets, newId, mailIsOn } = this.#options;
    if (body.type === 'email' && !mailIsOn) throw invalid('body.type', MAIL_IS_OFF);
    this.#requireTarget(body.type, body.target);
    const id = newId();
    const secret = body.type === 'webhook' ? (body.secret ?? secrets.generate()) : null;
    const { type, name, target, events, enabled } = body;
    const channel = await repository.create({
      ...{ id, organizationId, type, name, target, events, enabled },
      secret: secret === null ? null : secrets.seal(id, secret),
    });
    return { channel, secret };
  }

  /**
   * `expectedVersion`: nothing is changed when it is another by now.
   * @throws {ServiceError} `not_found`, `validation_failed`, `precondition_failed`
   */
  async update(
    scope: Scope,
    id: string,
    { secret, ...body }: UpdateNotificationChannelBody,
    expectedVersion?: number,
  ): Promise<ChannelRecord> {
    const { repository, secrets } = this.#options;
    const { type } = await this.get(scope, id);
    if (body.target !== undefined) this.#requireTarget(type, body.target);
    if (secret !== undefined && type === 'email') {
      throw invalid('body.secret', 'E-mail is not signed: leave it out');
    }
    const named = Object.entries(body).filter(([, value]) => value !== undefined);
    const changes: ChannelChanges = Object.fromEntries(named);
    if (secret !== undefined) changes.secret = secrets.seal(id, secret);
    const outcome = await repository.update(scope, id, changes, expectedVersion);
    if (outcome === 'not_found') throw notFound();
    if (outcome === 'stale') throw new ServiceError('precondition_failed');
    return outcome;
  }

  /** What waits for it is not sent. @throws {ServiceError} `not_found` */
  async delete(scope: Scope, id: string): Promise<void> {
    if (!(await this.#options.repository.delete(scope, id))) throw notFound();
  }

  /** Sends a message now, also to a channel that is turned off. @throws {ServiceError} `not_found` */
  async test(scope: Scope, id: string): Promise<NotificationTestView> {
    const { newId, clock } = this.#options;
    const channel = await this.get(scope, id);
    const at = new Date(clock.now());
    const message: Message = {
      ...{ id: newId(), event: 'channel.test', at },
      data: { channelId: channel.id, channelName: channel.name },
    };
    const began = clock.monotonic();
    const error = await this.#try(channel, message);
    await this.#recordTest(channel, message, error);
    return { delivered: error === null, error, durationMs: Math.round(clock.monotonic() - began) };
  }

  /** Messages of the last 30 days, newest first. @throws {ServiceError} `not_found` */
  async history(scope: Scope, id: string, query: PageQuery): Promise<Page<DeliveryRecord>> {
    const channel = await this.get(scope, id);
    const since = new Date(this.#options.clock.now() - KEEP_DELIVERIES_MS);
    return await this.#options.deliveries.history(channel.id, since, query);
  }

  /** Sends a message to a channel. @throws {DeliveryError} */
  async deliver(channel: ChannelRecord, message: Message, signal: AbortSignal): Promise<void> {
    const { id, type, target, secret } = channel;
    const key = secret === null ? null : this.#options.secrets.open(id, secret);
    await this.#options.senders[type].send({ type, target, key }, message, signal);
  }

  async #try(channel: ChannelRecord, message: Message): Promise<string | null> {
    try {
      await this.deliver(channel, message, new AbortController().signal);
      return null;
    } catch (error) {
      if (error instanceof DeliveryError) return error.message;
      throw error;
    }
  }

  async #recordTest(channel: ChannelRecord, message: Message, error: string | null): Promise<void> {
    const { id, event, at, data } = message;
    await this.#options.deliveries.record({
      ...{ id, event, dedupeKey: `channel.test:${id}`, createdAt: at, attempts: 1, lastError: error },
      ...{ organizationId: channel.organizationId, channelId: channel.id },
      payload: { ...data, event, at: at.toISOString() },
      status: error === null ? 'delivered' : 'failed',
      deliveredAt: error === null ? new Date(this.#options.clock.now()) : null,
    });
  }

  /** Names are looked up when messages are sent; what is an address already is told of now. */
  #requireTarget(type: ChannelType, target: string): void {
    const problem = targetProblem(type, target);
    if (problem !== null) throw invalid('body.target', problem);
    if (type !== 'webhook') return;
    const refused = refusedLiteral(new URL(target).hostname, this.#options.check);
    if (refused === null) return;
    const advice = 'POCKETPROXY_WEBHOOK_ALLOW_PRIVATE=on lets webhooks reach private addresses';
    throw invalid(
      'body.target',
      `Expected a host that can be reached from outside, not ${refused}; ${advice}`,
    );
  }
}

function notFound(): ServiceError {
  return new ServiceError('not_found', 'There is no such notification channel');
}

function invalid(field: string, message: string): ServiceError {
  return new ServiceError('validation_failed', message, { fields: [{ field, message }] });
}
