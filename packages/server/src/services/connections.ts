import type {
  CreateConnectionBody,
  ListConnectionsQuery,
  UpdateConnectionBody,
} from '@pocketproxy/protocol/api';
import type { Clock, Logger } from '@pocketproxy/runtime';
import type {
  ConnectionChanges,
  ConnectionRecord,
  ConnectionRepository,
  NewConnection,
} from '../db/connection-repository.ts';
import type { Page, Scope } from '../db/scope.ts';
import { isRelayAlive } from '../domain/device-status.ts';
import type { AppliedOutcome, AppliedWaiter } from './applied-waiter.ts';
import type { NewCredential, ProxyCredentials } from './credentials.ts';
import { periodStart } from './quota-periods.ts';
import { randomText } from './random-text.ts';
import { ServiceError } from './service-error.ts';

export type { ConnectionRecord };

/** How many ports are tried when programs other than ours hold ports of the range. */
const PORT_ATTEMPTS = 5;
/** For how long a port that could not be opened is not tried again, in milliseconds. */
const OCCUPIED_MS = 60_000;

export interface ConnectionsOptions {
  readonly repository: ConnectionRepository;
  readonly credentials: Pick<ProxyCredentials, 'generate' | 'choose'>;
  readonly waiter: Pick<AppliedWaiter, 'during'>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Logger;
}

/** A connection together with the password that is told this once. */
export interface ConnectionWithPassword {
  readonly connection: ConnectionRecord;
  readonly password: string;
}

/** What is given to customers: making, changing and ending it. */
export class Connections {
  readonly #options: ConnectionsOptions;
  /** Ports that another program on the relay's host was found to hold, and until when to believe it. */
  readonly #occupied = new Map<number, number>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  list(scope: Scope, query: ListConnectionsQuery): Promise<Page<ConnectionRecord>> {
    return this.#options.repository.list(scope, query);
  }

  /** @throws {ServiceError} `not_found` */
  async get(scope: Scope, id: string): Promise<ConnectionRecord> {
    const record = await this.#options.repository.byId(scope, id);
    if (!record) throw notFound();
    return record;
  }

  /**
   * Makes a connection; its port is open when this resolves.
   * @throws {ServiceError} `validation_failed` (no such device), `username_taken`, `ports_exhausted`, `port_unavailable`
   */
  async create(scope: Scope, body: CreateConnectionBody): Promise<ConnectionWithPassword> {
    const id = this.#options.newId();
    const { password, credential } = await this.#newCredential(body.password);
    const suffix = id.slice(-6);
    const values: NewConnection = {
      id,
      deviceId: body.deviceId,
      organizationId: body.organizationId,
      name: body.name ?? `Connection ${suffix}`,
      username: body.username ?? `user-${randomText(8)}`,
      credentialScheme: credential.scheme,
      credentialHash: credential.hash,
      allowlist: body.allowlist,
      quotaBytes: body.quotaBytes,
      quotaPeriod: body.quotaPeriod,
      quotaPeriodStart: periodStart(body.quotaPeriod, this.#now(), body.quotaResetDay),
      quotaResetDay: body.quotaResetDay,
      speedLimitMbps: body.speedLimitMbps,
      maxFlows: body.maxFlows,
      expiresAt: body.expiresAt,
      enabled: body.enabled,
    };
    let outcome = await this.#options.waiter.during(id, () => this.#insert(scope, values));
    for (let attempt = 1; outcome.problem !== null; attempt += 1) {
      outcome = await this.#tryAnotherPort(id, outcome.problem, attempt);
    }
    this.#warnUnlessApplied(id, outcome);
    return { connection: await this.get(scope, id), password };
  }

  /**
   * `expectedVersion`: nothing is changed when it is another by now.
   * @throws {ServiceError} `not_found`, `precondition_failed`
   */
  async update(
    scope: Scope,
    id: string,
    body: UpdateConnectionBody,
    expectedVersion?: number,
  ): Promise<ConnectionRecord> {
    await this.#change(scope, id, defined(body), expectedVersion);
    return await this.get(scope, id);
  }

  /** A new password; the old one ends with this call. @throws {ServiceError} `not_found` */
  async changePassword(
    scope: Scope,
    id: string,
    chosen: string | undefined,
  ): Promise<ConnectionWithPassword> {
    await this.get(scope, id);
    const { password, credential } = await this.#newCredential(chosen);
    await this.#change(scope, id, { credentialScheme: credential.scheme, credentialHash: credential.hash });
    return { connection: await this.get(scope, id), password };
  }

  /** Begins counting towards the quota anew. The hourly history stays. @throws {ServiceError} `not_found` */
  async resetUsage(scope: Scope, id: string): Promise<ConnectionRecord> {
    await this.#change(scope, id, { resetUsage: true });
    return await this.get(scope, id);
  }

  /** @throws {ServiceError} `not_found` */
  async delete(scope: Scope, id: string): Promise<void> {
    const before = await this.get(scope, id);
    await this.#options.waiter.during(id, async () => {
      if (!(await this.#options.repository.delete(scope, id))) throw notFound();
      return this.#relayIsAlive(before) ? 0 : null;
    });
  }

  async #insert(scope: Scope, values: NewConnection): Promise<number | null> {
    const { repository } = this.#options;
    const outcome = await repository.create(scope, values, this.#portsToAvoid());
    if (outcome === 'username_taken') {
      throw new ServiceError(
        'username_taken',
        `There is a connection with the user name ${values.username} already`,
      );
    }
    if (outcome === 'no_port') throw new ServiceError('ports_exhausted');
    if (outcome === 'no_device') {
      const fields = [{ field: 'body.deviceId', message: 'There is no such device' }];
      throw new ServiceError('validation_failed', 'There is no such device', { fields });
    }
    const made = await repository.byId(scope, values.id);
    return made && this.#relayIsAlive(made) ? made.version : null;
  }

  /** Nobody was told of the first port yet, so the connection may move. */
  async #tryAnotherPort(id: string, problem: string, attempt: number): Promise<AppliedOutcome> {
    const { repository, log, waiter } = this.#options;
    const everywhere: Scope = { organizationId: null };
    const record = await repository.byId(everywhere, id);
    if (record) this.#occupied.set(record.port, this.#options.clock.now() + OCCUPIED_MS);
    log.warn({ connectionId: id, port: record?.port, problem }, 'port is taken on the relay, trying another');
    const outcome = await waiter.during(id, async () => {
      const moved = attempt < PORT_ATTEMPTS && (await repository.movePort(id, this.#portsToAvoid()));
      if (moved) return (await repository.byId(everywhere, id))?.version ?? null;
      await repository.delete(everywhere, id);
      throw new ServiceError('port_unavailable', `The relay could not open a port: ${problem}`);
    });
    return outcome;
  }

  async #change(
    scope: Scope,
    id: string,
    changes: ConnectionChanges,
    expectedVersion?: number,
  ): Promise<void> {
    const before = await this.get(scope, id);
    const outcome = await this.#options.waiter.during(id, async () => {
      const changed = await this.#options.repository.update(scope, id, changes, this.#now(), expectedVersion);
      if (changed === 'not_found') throw notFound();
      if (changed === 'stale') throw new ServiceError('precondition_failed');
      return this.#relayIsAlive(before) ? changed.version : null;
    });
    this.#warnUnlessApplied(id, outcome);
  }

  #warnUnlessApplied(connectionId: string, { applied, problem }: AppliedOutcome): void {
    if (applied && problem === null) return;
    const reason = problem ?? 'no relay answered in time';
    this.#options.log.warn({ connectionId, reason }, 'change is stored but not in effect yet');
  }

  async #newCredential(chosen: string | undefined): Promise<NewCredential> {
    const { credentials } = this.#options;
    return chosen === undefined ? credentials.generate() : await credentials.choose(chosen);
  }

  #portsToAvoid(): number[] {
    const now = this.#options.clock.now();
    for (const [port, until] of this.#occupied) if (until <= now) this.#occupied.delete(port);
    return [...this.#occupied.keys()];
  }

  #relayIsAlive(record: ConnectionRecord): boolean {
    return isRelayAlive(record.relayHeartbeatAt, this.#options.clock.now());
  }

  #now(): Date {
    return new Date(this.#options.clock.now());
  }
}

function notFound(): ServiceError {
  return new ServiceError('not_found', 'There is no such connection');
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the members that are `undefined`. */
function defined<T extends object>(values: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<
    Defined<T>
  >;
}
