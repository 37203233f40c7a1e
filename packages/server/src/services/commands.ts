import type { CommandType, CreateCommandBody, PageQuery } from '@pocketproxy/protocol/api';
import type { Clock, Logger } from '@pocketproxy/runtime';
import type { CommandRecord, CommandRepository, NewCommand } from '../db/command-repository.ts';
import { insertCommand } from '../db/command-repository.ts';
import type { DeviceRecord } from '../db/device-repository.ts';
import type { Page, Scope } from '../db/scope.ts';
import type { Devices } from './devices.ts';
import type { OutcomeWaiter } from './outcome-waiter.ts';
import type { Rotations } from './rotations.ts';
import { ServiceError } from './service-error.ts';

export type { CommandRecord };

const EXPIRE_EVERY_MS = 1_000;

export interface CommandsOptions {
  readonly repository: CommandRepository;
  readonly devices: Pick<Devices, 'get'>;
  readonly rotations: Pick<Rotations, 'request'>;
  readonly waiter: Pick<OutcomeWaiter, 'until'>;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** Telling phones what to do, and what became of it. */
export class Commands {
  readonly #options: CommandsOptions;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /**
   * Queues a command; the phone gets it at once, or when it comes back.
   * @throws {ServiceError} `not_found`, `validation_failed`, `unsupported_command`, `rotation_too_soon`
   */
  async create(
    scope: Scope,
    deviceId: string,
    body: CreateCommandBody,
    requestedBy: string,
  ): Promise<CommandRecord> {
    const { repository, newId, clock } = this.#options;
    const device = await this.#options.devices.get(scope, deviceId);
    refuseForeignParams(body);
    refuseUnsupported(device, body.type);
    const now = clock.now();
    const command: NewCommand = {
      ...{ id: newId(), deviceId, type: body.type, params: body.params, requestedBy },
      createdAt: new Date(now),
      expiresAt: new Date(now + body.expiresInMinutes * 60_000),
    };
    if (body.type === 'rotate_ip') await this.#rotate(scope, command);
    else if (!(await repository.create(scope, command)))
      throw new ServiceError('not_found', 'There is no such device');
    return await this.get(scope, command.id);
  }

  /** @throws {ServiceError} `not_found` */
  async get(scope: Scope, id: string): Promise<CommandRecord> {
    const record = await this.#options.repository.byId(scope, id);
    if (!record) throw new ServiceError('not_found', 'There is no such command');
    return record;
  }

  /** Takes back a command that still waits for its phone. @throws {ServiceError} `not_found`, `command_not_pending` */
  async cancel(scope: Scope, id: string): Promise<CommandRecord> {
    const { repository, clock } = this.#options;
    const cancelled = await repository.cancel(scope, id, new Date(clock.now()));
    if (cancelled) return cancelled;
    const { type, status } = await this.get(scope, id);
    const why = status === 'sent' ? 'is under way' : 'has ended';
    throw new ServiceError('command_not_pending', `The command ${type} ${why}: its status is ${status}`);
  }

  /** The command when it has ended, or as it stands after `waitSeconds`. @throws {ServiceError} `not_found` */
  waitFor(scope: Scope, id: string, waitSeconds: number): Promise<CommandRecord> {
    return this.#options.waiter.until<CommandRecord>('command.changed', id, {
      waitMs: waitSeconds * 1000,
      load: () => this.get(scope, id),
      isDone: ({ status }) => status !== 'pending' && status !== 'sent',
    });
  }

  /** Newest first. */
  ofDevice(
    scope: Scope,
    deviceId: string,
    query: PageQuery & { readonly status?: CommandRecord['status'] | undefined },
  ): Promise<Page<CommandRecord>> {
    return this.#options.repository.ofDevice(scope, deviceId, query);
  }

  /** A rotation is carried out as such; the command's row follows it and ends with it. */
  async #rotate(scope: Scope, command: NewCommand): Promise<void> {
    const { deviceId, requestedBy = null } = command;
    await this.#options.rotations.request(
      scope,
      { deviceId, trigger: 'command', requestedBy },
      async (tx, rotation) => {
        await insertCommand(tx, scope, { ...command, params: { rotationId: rotation.id } }, 'sent');
      },
    );
  }
}

/** Ends commands that waited too long. Every control process may run it. Answers a function that stops it. */
export function startCommandExpiry(
  repository: Pick<CommandRepository, 'expire'>,
  clock: Clock,
  log: Logger,
): () => void {
  const timer = clock.setInterval(() => {
    repository
      .expire(new Date(clock.now()))
      .catch((error: unknown) => log.warn({ err: error }, 'commands could not be expired'));
  }, EXPIRE_EVERY_MS);
  return () => timer.cancel();
}

function refuseForeignParams({ type, params }: CreateCommandBody): void {
  if (type === 'find_phone' || params.seconds === undefined) return;
  const message = `${type} takes no parameters; only find_phone rings for a number of seconds`;
  throw new ServiceError('validation_failed', message, {
    fields: [{ field: 'body.params.seconds', message }],
  });
}

function refuseUnsupported({ capabilities, missingCapabilities }: DeviceRecord, type: CommandType): void {
  if (capabilities.includes(type)) return;
  const missing = missingCapabilities.find(({ name }) => name === type);
  const why = missing
    ? `${missing.reason} ${missing.fix}`
    : 'Its agent does not know this command; update it';
  throw new ServiceError('unsupported_command', `The phone cannot do ${type}: ${why}`);
}
