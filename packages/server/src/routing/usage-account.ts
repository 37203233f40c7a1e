import type { ByteMeter } from '@pocketproxy/runtime';
import type { Connection } from '../domain/connection.ts';
import type { CountedBytes } from '../domain/stores.ts';

type Row = Pick<Connection, 'quotaPeriodStart' | 'usedBytes' | 'countedUp' | 'countedDown'>;

/**
 * What one connection has carried, and which of it the database has. Rows are read while bytes are counted and
 * stored, in any order: the row itself says how much of the meter it includes, so nothing is lost or counted twice.
 */
export class UsageAccount {
  /** Bytes since this process knows the connection; grows while flows run. */
  readonly meter: ByteMeter = { up: 0, down: 0 };
  /** The part of `meter` that the database is known to have. */
  readonly #stored: ByteMeter = { up: 0, down: 0 };
  /** What was counted before `meter` began. */
  readonly #before: ByteMeter;
  #row: Row;
  /** Bytes on the meter when the quota period of the row was first heard of: those before do not count in it. */
  #periodFrom = 0;

  constructor(row: Row) {
    this.#row = row;
    this.#before = { up: row.countedUp, down: row.countedDown };
  }

  /** Takes over a newer row. */
  update(row: Row): void {
    if (row.quotaPeriodStart.getTime() !== this.#row.quotaPeriodStart.getTime()) {
      this.#periodFrom = sum(this.meter);
    }
    this.#row = row;
  }

  /** Bytes of the quota period, those not yet stored included. */
  get usedBytes(): number {
    const { usedBytes, countedUp, countedDown } = this.#row;
    const included = countedUp + countedDown - sum(this.#before);
    return usedBytes + sum(this.meter) - Math.max(included, this.#periodFrom);
  }

  /** What may not be stored yet. */
  unstored({ id, organizationId, deviceId }: Connection): CountedBytes {
    const { up, down } = this.meter;
    return {
      connectionId: id,
      ...{ organizationId, deviceId },
      bytesUp: up - this.#stored.up,
      bytesDown: down - this.#stored.down,
      countedUp: this.#before.up + up,
      countedDown: this.#before.down + down,
      quotaBytes: up + down - Math.max(sum(this.#stored), this.#periodFrom),
      quotaPeriodStart: this.#row.quotaPeriodStart,
    };
  }

  /** Notes that the database has a portion. */
  noteStored({ bytesUp, bytesDown }: CountedBytes): void {
    this.#stored.up += bytesUp;
    this.#stored.down += bytesDown;
  }

  /** Every byte is stored. */
  get isStored(): boolean {
    return this.meter.up === this.#stored.up && this.meter.down === this.#stored.down;
  }
}

function sum({ up, down }: ByteMeter): number {
  return up + down;
}
