import { expect, test } from 'vitest';
import { BufferGarbage, youngBudget, youngCollector } from './buffer-garbage.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('collects once for each budget of bytes, after the turn that reached it', async () => {
  let collections = 0;
  const garbage = new BufferGarbage(
    () => 100,
    () => () => {
      collections += 1;
    },
  );
  garbage.add(60);
  garbage.add(39);
  await nextTurn();
  expect(collections).toBe(0);
  garbage.add(1);
  expect(collections).toBe(0);
  await nextTurn();
  expect(collections).toBe(1);
  garbage.add(250);
  await nextTurn();
  expect(collections).toBe(2);
});

test('the collector is made when it is needed, and once', async () => {
  let made = 0;
  const garbage = new BufferGarbage(
    () => 10,
    () => {
      made += 1;
      return () => {};
    },
  );
  expect(made).toBe(0);
  for (let turn = 0; turn < 3; turn++) garbage.add(10);
  await nextTurn();
  expect(made).toBe(1);
});

test('each collection has the budget of its time', async () => {
  const budgets = [100, 30, 30];
  let collections = 0;
  const garbage = new BufferGarbage(
    () => budgets.shift()!,
    () => () => {
      collections += 1;
    },
  );
  garbage.add(99);
  await nextTurn();
  expect(collections).toBe(0);
  for (const bytes of [1, 30]) {
    garbage.add(bytes);
    await nextTurn();
  }
  expect(collections).toBe(2);
});

test('a budget leaves room for two more before V8 marks the heap', () => {
  const budget = youngBudget();
  expect(budget).toBeGreaterThan(2 * 1024 * 1024);
  expect(budget).toBeLessThanOrEqual(8 * 1024 * 1024);
});

test('a collection of the young generation frees the memory of dropped buffers', async () => {
  const collect = youngCollector();
  collect();
  const before = process.memoryUsage().arrayBuffers;
  for (let count = 0; count < 256; count++) Buffer.alloc(64 * 1024);
  collect();
  // The memory is given back by another thread.
  await expect.poll(() => process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
});
