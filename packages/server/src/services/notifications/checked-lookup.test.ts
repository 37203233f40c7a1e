import { afterEach, expect, test } from 'vitest';
import { nameResolution } from './checked-lookup.ts';
import { FlippingNameServer } from './testing/name-server.ts';

let names: FlippingNameServer | null = null;
afterEach(() => names?.close());

test('a name is asked for once for each lookup', async () => {
  names = await FlippingNameServer.start([198, 51, 100, 7], [127, 0, 0, 1]);
  const resolve = nameResolution([names.address]);
  expect(await resolve('flip.example')).toEqual([{ address: '198.51.100.7', family: 4 }]);
  expect(names.asked).toBe(1);
  expect(await resolve('flip.example')).toEqual([{ address: '127.0.0.1', family: 4 }]);
});

test('localhost is no matter for name servers', async () => {
  names = await FlippingNameServer.start([198, 51, 100, 7]);
  const addresses = await nameResolution([names.address])('localhost');
  expect(addresses.map(({ address }) => address)).toContain('127.0.0.1');
  expect(names.asked).toBe(0);
});
