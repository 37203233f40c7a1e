import type { PageQuery, UpdateDeviceBody } from '@pocketproxy/protocol/api';
import type { Clock } from '@pocketproxy/runtime';
import type { DeviceChanges, DeviceRecord, DeviceRepository } from '../db/device-repository.ts';
import { nextRotation } from '../db/rotation-schedule.ts';
import type { Page, Scope } from '../db/scope.ts';
import { ServiceError } from './service-error.ts';

export type { DeviceRecord };

export interface DevicesOptions {
  readonly repository: DeviceRepository;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Phones and modems, as their operators administer them. */
export class Devices {
  readonly #repository: DeviceRepository;
  readonly #clock: Clock;
  readonly #random: () => number;

  constructor({ repository, clock, random }: DevicesOptions) {
    this.#repository = repository;
    this.#clock = clock;
    this.#random = random;
  }

  list(scope: Scope, query: PageQuery): Promise<Page<DeviceRecord>> {
    return this.#repository.list(scope, query);
  }

  /** @throws {ServiceError} `not_found` */
  async get(scope: Scope, id: string): Promise<DeviceRecord> {
    const record = await this.#repository.byId(scope, id);
    if (!record) throw notFound();
    return record;
  }

  /**
   * `expectedVersion`: nothing is changed when it is another by now.
   * @throws {ServiceError} `not_found`, `precondition_failed`
   */
  async update(
    scope: Scope,
    id: string,
    body: UpdateDeviceBody,
    expectedVersion?: number,
  ): Promise<DeviceRecord> {
    const changes = Object.fromEntries(
      Object.entries(body).filter(([, value]) => value !== undefined),
    ) as DeviceChanges;
    const outcome = await this.#repository.update(
      scope,
      id,
      (before) => ({ ...changes, ...this.#newSchedule(before, changes) }),
      expectedVersion,
    );
    if (outcome === 'not_found') throw notFound();
    if (outcome === 'stale') throw new ServiceError('precondition_failed');
    return await this.get(scope, id);
  }

  /** Ends the device's sessions and its connections for good. @throws {ServiceError} `not_found` */
  async delete(scope: Scope, id: string): Promise<void> {
    if (!(await this.#repository.delete(scope, id))) throw notFound();
  }

  /** A changed interval counts from now; an unchanged one leaves the next rotation when it is. */
  #newSchedule(
    before: Pick<DeviceRecord, 'autoRotateMinutes' | 'autoRotateJitterPercent'>,
    { autoRotateMinutes, autoRotateJitterPercent }: DeviceChanges,
  ): DeviceChanges {
    const minutes = autoRotateMinutes === undefined ? before.autoRotateMinutes : autoRotateMinutes;
    const jitterPercent = autoRotateJitterPercent ?? before.autoRotateJitterPercent;
    if (minutes === before.autoRotateMinutes && jitterPercent === before.autoRotateJitterPercent) return {};
    const now = new Date(this.#clock.now());
    return { nextRotationAt: nextRotation({ minutes, jitterPercent }, now, this.#random) };
  }
}

function notFound(): ServiceError {
  return new ServiceError('not_found', 'There is no such device');
}
