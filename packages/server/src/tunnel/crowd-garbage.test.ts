import { FakeClock } from '@pocketproxy/runtime';
import { expect, test } from 'vitest';
import { CrowdGarbage } from './crowd-garbage.ts';

function start() {
  const clock = new FakeClock();
  let collections = 0;
  const garbage = new CrowdGarbage(() => {
    collections += 1;
  }, clock);
  const arrive = (phones: number, everyMs: number) => {
    for (let n = 0; n < phones; n++) {
      garbage.arrived();
      clock.advance(everyMs);
    }
  };
  return { clock, arrive, collections: () => collections };
}

test('what a crowd left behind is collected once, when it has come', () => {
  const { clock, arrive, collections } = start();
  arrive(2_500, 12);
  expect(collections()).toBe(0);
  clock.advance(29_000);
  expect(collections()).toBe(1);
  clock.advance(3_600_000);
  expect(collections()).toBe(1);
});

test('each crowd is collected after', () => {
  const { clock, arrive, collections } = start();
  for (const crowd of [1, 2]) {
    arrive(250, 1);
    clock.advance(30_000);
    expect(collections()).toBe(crowd);
  }
});

test('phones that come and go all day are no crowd', () => {
  const { clock, arrive, collections } = start();
  arrive(10_000, 50);
  arrive(249, 0);
  clock.advance(60_000);
  expect(collections()).toBe(0);
});
