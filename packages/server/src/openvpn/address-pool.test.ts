import { expect, test } from 'vitest';
import { AddressPool } from './address-pool.ts';

test('gives out every address of a subnet but its own, the server and the broadcast', () => {
  const pool = new AddressPool('10.66.7.0/28');
  const all = Array.from({ length: pool.size }, () => pool.take());
  expect(all).toHaveLength(13);
  expect(new Set(all).size).toBe(13);
  expect(all[0]).toBe('10.66.7.2');
  expect(all.at(-1)).toBe('10.66.7.14');
  expect(pool.take()).toBeNull();
});

test('gives out last what was given back last', () => {
  const pool = new AddressPool('192.168.255.0/28');
  const first = pool.take()!;
  pool.giveBack(first);
  const later = Array.from({ length: pool.size }, () => pool.take());
  expect(later.at(-1)).toBe(first);
});

test('counts over the borders of bytes', () => {
  const pool = new AddressPool('172.16.0.0/15');
  for (let index = 0; index < 254; index += 1) pool.take();
  expect(pool.take()).toBe('172.16.1.0');
});
