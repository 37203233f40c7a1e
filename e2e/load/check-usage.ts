import type { ApiClient } from '../harness/api-client.ts';
import { callHttp } from '../harness/http-call.ts';
import { until } from '../harness/until.ts';
import type { Customer } from './customer.ts';
import type { OriginTotals } from './tagged-origin.ts';

/** What counting and content came to once all flows had ended. */
export interface UsageVerdict {
  /** Connections whose flows all ended in order: the counters must agree with the origin to the byte. */
  readonly exact: number;
  /** Connections with flows that were cut: bytes that were under way may be counted or not. */
  readonly bounded: number;
  readonly countedBytes: number;
  /** What is not as it should be, in words. */
  readonly wrong: readonly string[];
}

/** Counters are stored every 3 s. */
const STORED_WITHIN_MS = 20_000;

/** Compares what was counted for each connection with what the origin has seen, and asks it for mixed-up bytes. */
export async function checkUsage(
  api: Pick<ApiClient, 'bandwidth'>,
  origin: { readonly tcp: number },
  customers: readonly Customer[],
  storedWithinMs = STORED_WITHIN_MS,
): Promise<UsageVerdict> {
  const { body } = await callHttp({ host: '127.0.0.1', port: origin.tcp }, { path: '/totals' });
  const totals = JSON.parse(body) as OriginTotals;
  const counted = new Map<Customer, Bytes>();
  const open = new Set(customers);
  const allAgree = async () => {
    for (const customer of open) {
      counted.set(customer, await api.bandwidth(customer.connection.id));
      if (isPlausible(counted.get(customer)!, seenOf(totals, customer), customer.uncertainBytes))
        open.delete(customer);
    }
    return open.size === 0;
  };
  await until('usage to be stored', allAgree, storedWithinMs).catch(() => {});
  const disagreements = [...open].map((customer) => {
    const [ours, theirs] = [counted.get(customer)!, seenOf(totals, customer)];
    return `${customer.name}: counted ${told(ours)}, seen ${told(theirs)}, uncertain ${customer.uncertainBytes}`;
  });
  const exact = customers.filter(({ uncertainBytes }) => uncertainBytes === 0).length;
  return {
    exact,
    bounded: customers.length - exact,
    countedBytes: [...counted.values()].reduce((sum, { up, down }) => sum + up + down, 0),
    wrong: [...totals.mixed.map((what) => `mixed at the origin: ${what}`), ...disagreements],
  };
}

function seenOf(totals: OriginTotals, { name }: Customer): Bytes {
  return totals.customers[name] ?? { up: 0, down: 0 };
}

interface Bytes {
  readonly up: number;
  readonly down: number;
}

/** The relay counts in the middle: at least what came out at the far end, at most what went in. */
function isPlausible(counted: Bytes, origin: Bytes, uncertain: number): boolean {
  const up = counted.up >= origin.up && counted.up <= origin.up + uncertain;
  const down = counted.down <= origin.down && counted.down >= origin.down - uncertain;
  return up && down;
}

function told({ up, down }: Bytes): string {
  return `${up} up and ${down} down`;
}
