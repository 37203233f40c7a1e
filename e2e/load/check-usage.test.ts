import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { checkUsage } from './check-usage.ts';
import type { Customer } from './customer.ts';
import type { OriginTotals } from './tagged-origin.ts';

const SEEN = { up: 1_000, down: 50_000 };

/** Compares what an origin says that it saw of one customer with what the relay counted. */
async function wrongIn(counted: typeof SEEN, uncertainBytes = 0, mixed: string[] = []) {
  const totals: OriginTotals = { customers: { 'Phone 1': SEEN }, mixed };
  const server = createServer((_request, response) => response.end(JSON.stringify(totals)));
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const customer = { name: 'Phone 1', connection: { id: 'c1' }, uncertainBytes } as Customer;
  const api = { bandwidth: async () => counted };
  return await checkUsage(api, { tcp: (server.address() as AddressInfo).port }, [customer], 0);
}

test('usage that agrees is right', async () => {
  expect(await wrongIn(SEEN)).toMatchObject({ exact: 1, bounded: 0, countedBytes: 51_000, wrong: [] });
});

test.for([
  ['too much up', { up: 1, down: 0 }],
  ['too little up', { up: -1, down: 0 }],
  ['too much down', { up: 0, down: 1 }],
  ['too little down', { up: 0, down: -1 }],
] as const)('one byte %s is wrong when every flow ended in order', async ([, { up, down }]) => {
  const { wrong } = await wrongIn({ up: SEEN.up + up, down: SEEN.down + down });
  expect(wrong).toEqual([expect.stringMatching(/^Phone 1: /)]);
});

test('bytes of flows that were cut may be counted or not, and not one more', async () => {
  expect((await wrongIn({ up: 1_007, down: 49_993 }, 7)).wrong).toEqual([]);
  expect((await wrongIn({ up: 1_008, down: 50_000 }, 7)).wrong).toHaveLength(1);
  expect((await wrongIn({ up: 1_000, down: 49_992 }, 7)).wrong).toHaveLength(1);
  expect((await wrongIn({ up: 999, down: 50_000 }, 7)).wrong).toHaveLength(1);
});

test('a byte of somebody else is wrong', async () => {
  expect((await wrongIn(SEEN, 0, ['a byte of Phone 2'])).wrong).toHaveLength(1);
});
