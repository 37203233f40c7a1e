import { expect, test } from 'vitest';
import { examplesOf } from './examples.ts';

test('examples name this server and a phone that is there', () => {
  const examples = examplesOf('https://proxy.example', { deviceId: 'device-1', key: '<key>' });
  expect(examples[1]?.text).toContain(
    "'https://proxy.example/api/v1/devices/device-1/rotate?waitSeconds=60'",
  );
  expect(examples[3]?.text).toContain('wss://proxy.example/api/v1/live');
  expect(examplesOf('http://a', { deviceId: undefined, key: '<key>' })[2]?.text).toContain('<device id>');
});
