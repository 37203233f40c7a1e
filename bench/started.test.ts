import { expect, test } from 'vitest';
import { Started } from './started.ts';

function setUp() {
  const ended: string[] = [];
  const said: string[] = [];
  const started = new Started((text) => said.push(text));
  const running = (name: string) => ({ stop: async () => void ended.push(name) });
  return { started, running, ended, said };
}

test('everything is ended once, last started first', async () => {
  const { started, running, ended } = setUp();
  await started.add(Promise.resolve(running('load')));
  await started.add(Promise.resolve(running('server')));
  await Promise.all([started.stopAll(), started.stopAll()]);
  expect(ended).toEqual(['server', 'load']);
});

test('what is starting is ended as soon as it has started, and nobody goes on with it', async () => {
  const { started, running, ended } = setUp();
  const { promise, resolve } = Promise.withResolvers<{ stop(): Promise<void> }>();
  const added = started.add(promise);
  const stopped = started.stopAll();
  resolve(running('server'));
  await expect(added).rejects.toThrow();
  await stopped;
  expect(ended).toEqual(['server']);
});

test('what does not start is told to whoever started it, and holds nothing up', async () => {
  const { started, running, ended } = setUp();
  await started.add(Promise.resolve(running('load')));
  await expect(started.add(Promise.reject(new Error('no port')))).rejects.toThrow('no port');
  await started.stopAll();
  expect(ended).toEqual(['load']);
});

test('what cannot be ended in order is said, and the others are ended', async () => {
  const { started, running, ended, said } = setUp();
  await started.add(Promise.resolve(running('load')));
  await started.add(Promise.resolve({ stop: () => Promise.reject(new Error('it hangs')) }));
  await started.stopAll();
  expect(ended).toEqual(['load']);
  expect(said).toEqual(['Was not ended in order: it hangs']);
});

test('what was ended by itself is not ended again', async () => {
  const { started, running, ended } = setUp();
  const lab = await started.add(Promise.resolve(running('lab')));
  await started.stop(lab);
  await started.stopAll();
  expect(ended).toEqual(['lab']);
});
