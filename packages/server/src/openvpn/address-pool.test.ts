import { expect, test } from 'vitest';
import { AddressPool } from './address-pool.ts';

test('gives out every address of a subnet but its own, the server and the broadcast', () => {
  const pool = new AddressPool('10.66.7.0/28');
  const all = Array.from({ length: pool.size }, (_, index) => pool.take(`owner ${index}`));
  const expected = Array.from({ length: 13 }, (_, index) => `10.66.7.${index + 2}`);
  expect(new Set(all)).toEqual(new Set(expected));
  expect(pool.take('one too many')).toBeNull();
});

test('gives an owner the same address each time, also after a restart', () => {
  const pool = new AddressPool('10.66.0.0/16');
  const first = pool.take('alice')!;
  expect(pool.take('alice')).not.toBe(first);
  pool.giveBack(first);
  expect(pool.take('alice')).toBe(first);
  expect(new AddressPool('10.66.0.0/16').take('alice')).toBe(first);
});

test('gives others last what was given back last', () => {
  const pool = new AddressPool('192.168.255.0/28');
  const own = pool.take('alice')!;
  const inTurn = pool.take('alice')!;
  pool.giveBack(inTurn);
  const later = Array.from({ length: pool.size - 1 }, () => pool.take('alice'));
  expect(later.at(-1)).toBe(inTurn);
  expect(later).not.toContain(own);
});

test('counts over the borders of bytes', () => {
  const pool = new AddressPool('172.16.0.0/15');
  const all = Array.from({ length: 1_000 }, () => pool.take('alice'));
  expect(all).toContain('172.16.0.255');
  expect(all).toContain('172.16.1.0');
});
