import { OFFLINE_AFTER_MS } from '@pocketproxy/protocol';
import type { Clock, Logger, Timer } from '@pocketproxy/runtime';
import type { Db } from '../db/database.ts';
import {
  type ChangedDevice,
  type DeviceStatusRepository,
  type LostDevice,
  logStatuses,
  type NoticedDevice,
  STATUS_BATCH,
  takeOutdated,
  takeStatusChanges,
  takeUntoldOutages,
  untoldAgentVersions,
} from '../db/device-status-repository.ts';
import { type NotableEvent, queueNotifications } from '../db/notification-outbox.ts';
import { notify } from '../db/notify.ts';
import type { Bus } from '../domain/bus.ts';
import { loggedStatuses } from '../domain/status-change.ts';
import { isOlderVersion } from '../domain/version.ts';

/** Statuses change with time alone, too. */
const TICK_MS = 1_000;
/** Between two looks: when a crowd comes back, something changes at each moment, and one look finds all that has. */
const REST_MS = 100;
/** A device that goes offline again so soon after it came back is told of only if it stays away. */
const COOL_DOWN_MS = 5 * 60_000;
/** After a start, devices that were lost while nobody watched have this long to come back before they are told of. */
const GRACE_MS = 60_000;
const OUTDATED_EVERY_MS = 30_000;
const PRUNE_EVERY_MS = 3_600_000;
const KEEP_LOG_MS = 400 * 86_400_000;

export interface DeviceMonitorOptions {
  readonly db: Db;
  readonly repository: Pick<DeviceStatusRepository, 'prune'>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly serverVersion: string;
}

type Tx = Parameters<Parameters<Db['transaction']>[0]>[0];

/**
 * Writes down what status devices have, and tells people of outages and outdated agents. Any number of control
 * processes may run one: each change is taken by one conditional UPDATE, in the transaction that queues its message.
 */
export class DeviceMonitor {
  readonly #options: DeviceMonitorOptions;
  /** Work that is under way. */
  readonly #working = new Set<Promise<void>>();
  /** Devices are being looked at, or have just been. */
  #isBusy = false;
  /** Something has changed since that look began. */
  #again = false;
  #resting: Timer | null = null;
  #isStopped = false;
  #stop: () => void = () => {};
  #startedAt: number | null = null;

  constructor(options: DeviceMonitorOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, bus } = this.#options;
    this.#startedAt = clock.now();
    const timers = [
      clock.setInterval(() => this.#wake(), TICK_MS),
      clock.setInterval(() => this.#begin(() => this.checkAgents()), OUTDATED_EVERY_MS),
      clock.setInterval(() => this.#begin(() => this.#prune()), PRUNE_EVERY_MS),
    ];
    const unsubscribe = bus.subscribe('device.changed', () => this.#wake());
    const stopResync = bus.onResync(() => this.#wake());
    this.#stop = () => {
      for (const timer of timers) timer.cancel();
      unsubscribe();
      stopResync();
      this.#isStopped = true;
      this.#resting?.cancel();
    };
    this.#wake();
    this.#begin(() => this.checkAgents());
  }

  /** Resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.#stop();
    await Promise.all(this.#working);
  }

  /** Looks at every device once. @throws {Error} when the database fails */
  async check(): Promise<void> {
    const { db, clock } = this.#options;
    // In batches, so that a relay with thousands of devices that dies holds no row for long.
    for (;;) {
      const now = new Date(clock.now());
      const changed = await db.transaction((tx) => this.#takeChanges(tx, now));
      const lost = await db.transaction((tx) => this.#tellOutages(tx, now));
      if (changed < STATUS_BATCH && lost < STATUS_BATCH) return;
    }
  }

  /** Tells once per version of the server of each agent that is older. @throws {Error} when the database fails */
  async checkAgents(): Promise<void> {
    const { db, clock, serverVersion } = this.#options;
    const versions = await untoldAgentVersions(db, serverVersion);
    const older = versions.filter((version) => isOlderVersion(version, serverVersion));
    if (older.length === 0) return;
    await db.transaction(async (tx) => {
      const outdated = await takeOutdated(tx, older, serverVersion);
      const at = new Date(clock.now());
      await queueNotifications(
        tx,
        outdated.map((device) => ({
          ...{ organizationId: device.organizationId, event: 'agent.outdated', at },
          dedupeKey: `agent.outdated:${device.id}:${serverVersion}`,
          payload: { ...facts(device), agentVersion: device.agentVersion, serverVersion },
        })),
      );
    });
  }

  #wake(): void {
    if (this.#isBusy) {
      this.#again = true;
      return;
    }
    this.#isBusy = true;
    this.#again = false;
    this.#begin(
      () => this.check(),
      () => this.#rest(),
    );
  }

  #rest(): void {
    if (this.#isStopped) return;
    this.#resting = this.#options.clock.setTimeout(() => {
      this.#isBusy = false;
      if (this.#again) this.#wake();
    }, REST_MS);
  }

  #begin(work: () => Promise<void>, done: () => void = () => {}): void {
    const working = work()
      // Nothing is lost: what was not written now is found by the next look.
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'devices could not be watched'))
      .finally(() => {
        this.#working.delete(working);
        done();
      });
    this.#working.add(working);
  }

  async #takeChanges(tx: Tx, now: Date): Promise<number> {
    const changed = await takeStatusChanges(tx, now);
    if (changed.length === 0) return 0;
    await logStatuses(
      tx,
      changed.flatMap((device) =>
        loggedStatuses(device, now.getTime()).map((start) => ({ ...start, deviceId: device.id })),
      ),
    );
    await queueNotifications(
      tx,
      changed.flatMap((device) => recoveryOf(device, now)),
    );
    await notify(
      tx,
      changed.map(({ id }) => ({ type: 'device.changed', id })),
    );
    for (const { id, before, status } of changed)
      this.#options.log.info({ deviceId: id, before, status }, 'device status');
    return changed.length;
  }

  async #tellOutages(tx: Tx, now: Date): Promise<number> {
    const lost = await takeUntoldOutages(tx, now, {
      recoveredBefore: new Date(now.getTime() - COOL_DOWN_MS),
      seenAfter: this.#seenAfter(now.getTime()),
    });
    await queueNotifications(
      tx,
      lost.map((device) => outageOf(device, now)),
    );
    return lost.length;
  }

  /**
   * When the server was down for minutes, every phone has been silent for minutes when it is back, and is there again
   * in seconds: that is no outage of theirs.
   */
  #seenAfter(now: number): Date | null {
    if (this.#startedAt === null || now - this.#startedAt >= GRACE_MS) return null;
    return new Date(this.#startedAt - OFFLINE_AFTER_MS);
  }

  async #prune(): Promise<void> {
    const { repository, clock } = this.#options;
    await repository.prune(new Date(clock.now() - KEEP_LOG_MS));
  }
}

/** What is told of a device that came back, if its outage was told. */
function recoveryOf(device: ChangedDevice, at: Date): NotableEvent[] {
  const { id, organizationId, status, toldOfflineSince: since } = device;
  if (status !== 'online' || since === null) return [];
  const offlineSeconds = Math.round((at.getTime() - since) / 1000);
  return [
    {
      ...{ organizationId, event: 'device.recovered', at, dedupeKey: `device.recovered:${id}:${since}` },
      payload: { ...facts(device), offlineSince: iso(since), offlineSeconds },
    },
  ];
}

function outageOf(device: LostDevice, at: Date): NotableEvent {
  const { id, organizationId, offlineSince, lastSeenAt } = device;
  return {
    ...{ organizationId, event: 'device.offline', at, dedupeKey: `device.offline:${id}:${offlineSince}` },
    payload: { ...facts(device), offlineSince: iso(offlineSince), lastSeenAt: iso(lastSeenAt) },
  };
}

function facts({ id, name }: NoticedDevice) {
  return { deviceId: id, deviceName: name };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
