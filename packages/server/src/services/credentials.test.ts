import { randomBytes } from 'node:crypto';
import { FakeClock } from '@pocketproxy/runtime';
import { describe, expect, test, vi } from 'vitest';
import { ConcurrencyGate } from './concurrency-gate.ts';
import { ProxyCredentials } from './credentials.ts';
import { PasswordHash } from './password-hash.ts';

const key = randomBytes(32);
const pepper = randomBytes(32);

function setUp(gate = new ConcurrencyGate(2, 10)) {
  const clock = new FakeClock();
  // Cost 4 is bcrypt's lowest.
  const slowHash = new PasswordHash({ pepper, cost: 4, gate });
  const verify = vi.spyOn(slowHash, 'verify');
  return { clock, verify, credentials: new ProxyCredentials({ key, slowHash, clock }) };
}

describe('a generated password', () => {
  test('has at least 128 bits and needs no escaping in a URL', () => {
    const { password } = setUp().credentials.generate();
    expect(password).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
    expect(setUp().credentials.generate().password).not.toBe(password);
  });

  test('is checked without a promise', () => {
    const { credentials } = setUp();
    const { password, credential } = credentials.generate();
    expect(credentials.verify(credential, password)).toBe(true);
    expect(credentials.verify(credential, `${password}x`)).toBe(false);
    expect(credentials.verify(credential, '')).toBe(false);
  });

  test('that matched once is known again, and no other instead of it', () => {
    const { credentials } = setUp();
    const { password, credential } = credentials.generate();
    const other = credentials.generate();
    expect(credentials.verify(credential, password)).toBe(true);
    expect(credentials.verify(credential, password)).toBe(true);
    expect(credentials.verify(credential, other.password)).toBe(false);
    expect(credentials.verify(other.credential, password)).toBe(false);
    // The row was changed: it is read anew, as another object.
    expect(credentials.verify({ ...credential, hash: other.credential.hash }, password)).toBe(false);
  });

  test('cannot be verified without the server key', () => {
    const { password, credential } = setUp().credentials.generate();
    const other = new ProxyCredentials({
      key: randomBytes(32),
      slowHash: new PasswordHash({ pepper, cost: 4, gate: new ConcurrencyGate(1, 1) }),
      clock: new FakeClock(),
    });
    expect(other.verify(credential, password)).toBe(false);
    expect(credential.hash).not.toContain(password);
  });

  test('with a damaged hash matches nothing', () => {
    const { credentials } = setUp();
    expect(credentials.verify({ scheme: 'hmac-sha256', hash: '' }, '')).toBe(false);
    expect(credentials.verify({ scheme: 'hmac-sha256', hash: 'zz' }, 'zz')).toBe(false);
  });
});

describe('a chosen password', () => {
  test('is checked slowly once and then from memory, for a while', async () => {
    const { credentials, verify, clock } = setUp();
    const { credential } = await credentials.choose('correct horse');
    expect(await credentials.verify(credential, 'correct horse')).toBe(true);
    expect(credentials.verify(credential, 'correct horse')).toBe(true);
    expect(verify).toHaveBeenCalledTimes(1);
    clock.advance(600_000);
    expect(credentials.verify(credential, 'correct horse')).toBeInstanceOf(Promise);
  });

  test('that is wrong is remembered only briefly', async () => {
    const { credentials, verify, clock } = setUp();
    const { credential } = await credentials.choose('correct horse');
    expect(await credentials.verify(credential, 'wrong')).toBe(false);
    expect(credentials.verify(credential, 'wrong')).toBe(false);
    clock.advance(10_000);
    await credentials.verify(credential, 'wrong');
    expect(verify).toHaveBeenCalledTimes(2);
  });

  test('that was changed is not accepted from memory', async () => {
    const { credentials } = setUp();
    const before = await credentials.choose('old password');
    expect(await credentials.verify(before.credential, 'old password')).toBe(true);
    const after = await credentials.choose('new password');
    expect(await credentials.verify(after.credential, 'old password')).toBe(false);
  });

  test('is compared in full, past 72 bytes and past a zero byte', async () => {
    const { credentials } = setUp();
    const { credential } = await credentials.choose(`${'x'.repeat(80)}\0a`);
    expect(await credentials.verify(credential, `${'x'.repeat(80)}\0b`)).toBe(false);
    expect(await credentials.verify(credential, `${'x'.repeat(80)}\0a`)).toBe(true);
  });

  test('is hashed once when many flows bring it at the same time', async () => {
    const { credentials, verify } = setUp();
    const { credential } = await credentials.choose('correct horse');
    const results = await Promise.all(
      Array.from({ length: 50 }, () => credentials.verify(credential, 'correct horse')),
    );
    expect(results.every(Boolean)).toBe(true);
    expect(verify).toHaveBeenCalledTimes(1);
  });

  test('is refused as overload when too many checks wait', async () => {
    const { credentials } = setUp(new ConcurrencyGate(1, 2));
    const { credential } = await credentials.choose('correct horse');
    const attempts = Array.from({ length: 5 }, (_, i) => credentials.verify(credential, `wrong ${i}`));
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.map((o) => (o.status === 'fulfilled' ? o.value : o.reason.code))).toEqual([
      ...[false, false, false, 'overloaded', 'overloaded'],
    ]);
    expect(await credentials.verify(credential, 'correct horse')).toBe(true);
  });
});
