import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CountedBytes } from '../domain/stores.ts';
import { connectionRow } from './testing/fakes.ts';
import { UsageAccount } from './usage-account.ts';

/** What the database does with portions and resets, as `usage-store.ts` and `connection-repository.ts` do it. */
class StoredUsage {
  row = connectionRow({ usedBytes: 1_000, countedUp: 3_000, countedDown: 4_000 });
  hourly = 0;

  add({ countedUp, countedDown, quotaBytes, quotaPeriodStart }: CountedBytes): void {
    const added = countedUp - this.row.countedUp + countedDown - this.row.countedDown;
    const counts = quotaPeriodStart.getTime() === this.row.quotaPeriodStart.getTime();
    const usedBytes = this.row.usedBytes + (counts ? Math.min(quotaBytes, added) : 0);
    this.hourly += added;
    this.row = { ...this.row, countedUp, countedDown, usedBytes };
  }

  reset(): void {
    const quotaPeriodStart = new Date(this.row.quotaPeriodStart.getTime() + 1);
    this.row = { ...this.row, usedBytes: 0, quotaPeriodStart };
  }
}

/** One relay with its flushes and reloads, each of which may end long after it began. */
class Relay {
  readonly database = new StoredUsage();
  readonly account = new UsageAccount(this.database.row);
  counted = 0;
  #flush: CountedBytes | null = null;
  #read = this.database.row;

  count(bytes: number): void {
    this.account.meter.up += bytes;
    this.account.meter.down += 2 * bytes;
    this.counted += 3 * bytes;
  }

  beginFlush(): void {
    if (!this.account.isStored) this.#flush ??= this.account.unstored(this.database.row);
  }

  endFlush(outcome: 'stored' | 'lost' | 'answer lost'): void {
    if (this.#flush === null) return;
    if (outcome !== 'lost') this.database.add(this.#flush);
    if (outcome === 'stored') this.account.noteStored(this.#flush);
    this.#flush = null;
  }

  /** The transaction is done, its answer is still under way. */
  commitFlush(): void {
    if (this.#flush !== null) this.database.add(this.#flush);
  }

  read(): void {
    this.#read = this.database.row;
  }

  apply(): void {
    this.account.update(this.#read);
  }

  settle(): void {
    this.endFlush('stored');
    this.beginFlush();
    this.endFlush('stored');
    this.read();
    this.apply();
  }
}

const step = fc.oneof(
  fc.nat(1_000).map((bytes) => (relay: Relay) => relay.count(bytes)),
  fc.constant((relay: Relay) => relay.beginFlush()),
  fc.constant((relay: Relay) => relay.commitFlush()),
  fc
    .constantFrom('stored', 'lost', 'answer lost')
    .map((outcome) => (relay: Relay) => relay.endFlush(outcome as 'lost')),
  fc.constant((relay: Relay) => relay.read()),
  fc.constant((relay: Relay) => relay.apply()),
);

describe('an account of usage', () => {
  it('loses no byte and counts none twice, however flushes and reloads overlap', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const relay = new Relay();
        for (const act of steps) {
          act(relay);
          expect(relay.account.usedBytes).toBe(1_000 + relay.counted);
        }
        relay.settle();
        expect(relay.database.hourly).toBe(relay.counted);
        expect(relay.database.row.usedBytes).toBe(1_000 + relay.counted);
        expect(relay.account.isStored).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('counts from the moment on at which it hears of a reset', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.array(step, { maxLength: 20 }), (before, after) => {
        const relay = new Relay();
        for (const act of before) act(relay);
        relay.database.reset();
        relay.read();
        relay.apply();
        const atReset = relay.counted;
        for (const act of after) {
          act(relay);
          expect(relay.account.usedBytes).toBe(relay.counted - atReset);
        }
        relay.settle();
        expect(relay.database.row.usedBytes).toBe(relay.counted - atReset);
        expect(relay.database.hourly).toBe(relay.counted);
      }),
      { numRuns: 2_000 },
    );
  });
});
