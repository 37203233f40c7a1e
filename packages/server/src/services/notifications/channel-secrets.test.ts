import { randomBytes } from 'node:crypto';
import { webhookSecretKey } from '@pocketproxy/protocol/api';
import { expect, test } from 'vitest';
import { ChannelSecrets } from './channel-secrets.ts';

const secrets = new ChannelSecrets(randomBytes(32));

test('a secret is stored unreadable and opens to the key that the receiver has', () => {
  const secret = secrets.generate();
  const sealed = secrets.seal('channel', secret);
  const key = webhookSecretKey(secret)!;
  expect(key).toHaveLength(32);
  expect(JSON.stringify(sealed)).not.toContain(Buffer.from(key).toString('base64').slice(0, 12));
  expect(secrets.open('channel', sealed)).toEqual(Buffer.from(key));
});

test('a secret opens for its own channel and with its own key only', () => {
  const sealed = secrets.seal('channel', secrets.generate());
  expect(() => secrets.open('other', sealed)).toThrow();
  expect(() => new ChannelSecrets(randomBytes(32)).open('channel', sealed)).toThrow();
});

test.each(['', 'whsec_', 'whsec_short', `whsec_${'A'.repeat(31)}`, `${'A'.repeat(32)}`, 'whsec_!!!!'])(
  '"%s" is no secret',
  (text) => {
    expect(() => secrets.seal('channel', text)).toThrow(TypeError);
  },
);
