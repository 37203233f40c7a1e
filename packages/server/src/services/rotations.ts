import type { PageQuery } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type {
  IpHistoryRecord,
  RequestOutcome,
  RotationRecord,
  RotationRepository,
  RotationRequest,
  Within,
} from '../db/rotation-repository.ts';
import type { Page, Scope } from '../db/scope.ts';
import type { OutcomeWaiter } from './outcome-waiter.ts';
import { ServiceError } from './service-error.ts';

export type { IpHistoryRecord, RotationRecord };

/** How many addresses of a device are kept and shown. */
const IP_HISTORY = 50;

export interface RotationsOptions {
  readonly repository: RotationRepository;
  readonly waiter: Pick<OutcomeWaiter, 'until'>;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** Asking for new addresses, and what became of it. */
export class Rotations {
  readonly #options: RotationsOptions;

  constructor(options: RotationsOptions) {
    this.#options = options;
  }

  /**
   * Asks for a new address; joins the rotation that is under way, if there is one.
   * @throws {ServiceError} `not_found`, `rotation_too_soon`
   */
  async request(
    scope: Scope,
    wanted: Pick<RotationRequest, 'deviceId' | 'trigger' | 'requestedBy'>,
    within?: Within,
  ): Promise<RotationRecord> {
    const { repository, newId, clock } = this.#options;
    const at = new Date(clock.now());
    const outcome = await repository.request(scope, { ...wanted, id: newId(), at }, within);
    return rotationOf(outcome, at);
  }

  /** @throws {ServiceError} `not_found` */
  async get(scope: Scope, id: string): Promise<RotationRecord> {
    const record = await this.#options.repository.byId(scope, id);
    if (!record) throw new ServiceError('not_found', 'There is no such rotation');
    return record;
  }

  /** The rotation when it has ended, or as it stands after `waitSeconds`. @throws {ServiceError} `not_found` */
  waitFor(scope: Scope, id: string, waitSeconds: number): Promise<RotationRecord> {
    return this.#options.waiter.until<RotationRecord>('rotation.changed', id, {
      waitMs: waitSeconds * 1000,
      load: () => this.get(scope, id),
      isDone: hasEnded,
    });
  }

  /** Those that have not ended yet, oldest first. */
  underWay(scope: Scope): Promise<RotationRecord[]> {
    return this.#options.repository.underWay(scope);
  }

  /** Newest first. */
  ofDevice(scope: Scope, deviceId: string, query: PageQuery): Promise<Page<RotationRecord>> {
    return this.#options.repository.ofDevice(scope, deviceId, query);
  }

  /** The addresses that a device had, newest first: to a customer, those since the device is theirs. */
  ipHistory(scope: Scope, deviceId: string): Promise<IpHistoryRecord[]> {
    return this.#options.repository.ipHistory(scope, deviceId, IP_HISTORY);
  }
}

/** Whether nothing will change about it any more. */
export function hasEnded({ status }: Pick<RotationRecord, 'status'>): boolean {
  return status !== 'queued' && status !== 'running';
}

function rotationOf(outcome: RequestOutcome, at: Date): RotationRecord {
  switch (outcome.outcome) {
    case 'no_device':
      throw new ServiceError('not_found', 'There is no such device');
    case 'too_soon': {
      const retryAfterSeconds = Math.ceil((outcome.until.getTime() - at.getTime()) / 1000);
      throw new ServiceError('rotation_too_soon', `Wait ${retryAfterSeconds} s before the next rotation`, {
        retryAfterSeconds,
      });
    }
    default:
      return outcome.rotation;
  }
}
