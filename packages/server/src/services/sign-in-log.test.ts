import { createLogger, FakeClock } from '@pocketproxy/runtime';
import { describe, expect, test } from 'vitest';
import type { AuditEntry } from './audit.ts';
import type { Principal } from './permissions.ts';
import { SignInLog } from './sign-in-log.ts';
import type { UserRecord } from './users.ts';

const WINDOW_MS = 600_000;
const owner = { id: 'u1', email: 'a@example.com', organizationId: 'o1' } as UserRecord;
const principal = { userId: 'u1', email: 'a@example.com', organizationId: 'o1', apiKey: null } as Principal;
const from = (address: string, userAgent?: string) => ({ address, userAgent, cookie: undefined });

function setUp() {
  const clock = new FakeClock();
  const entries: AuditEntry[] = [];
  const signIns = new SignInLog({
    auditLog: { record: async (made) => void entries.push(...made) },
    users: {
      findByEmail: async (email) => (email.endsWith('@example.com') ? { ...owner, id: email, email } : null),
      defaultOrganizationId: async () => 'default',
    },
    ...{ clock, log: createLogger({ level: 'silent' }) },
  });
  const guess = (email: string, address = '192.0.2.1') =>
    signIns.refused({ email, caller: from(address), principal: null }, 'invalid_credentials');
  return { clock, entries, signIns, guess };
}

describe('the log of sign-ins', () => {
  test('says who came and went, from where and with what', async () => {
    const { entries, signIns } = setUp();
    await signIns.begun(principal, from('192.0.2.1', `Browser ${'x'.repeat(1000)}`));
    await signIns.ended(principal, from('192.0.2.1'));
    const actor = { type: 'user', id: 'u1', name: 'a@example.com' };
    const same = { actor, address: '192.0.2.1', organizationId: 'o1', targetType: 'session', targetId: 'u1' };
    expect(entries).toEqual([
      {
        ...{ ...same, action: 'session.begin', before: null },
        after: { email: 'a@example.com', userAgent: `Browser ${'x'.repeat(192)}` },
      },
      { ...same, action: 'session.end', before: null, after: { email: 'a@example.com' } },
    ]);
  });

  test.for([
    ['invalid_credentials', 'session.refuse', 'wrong password'],
    ['invalid_two_factor_code', 'session.refuse', 'wrong second factor'],
    ['account_disabled', 'session.refuse', 'account disabled'],
    ['rate_limited', 'session.block', 'too many failures'],
  ] as const)('says that somebody was refused for %s', async ([code, action, reason]) => {
    const { entries, signIns } = setUp();
    signIns.refused({ email: owner.email, caller: from('192.0.2.1'), principal: null }, code);
    await signIns.stop();
    expect(entries).toMatchObject([
      { action, actor: { type: 'anonymous', id: null }, targetId: owner.email, after: { reason } },
    ]);
  });

  test('says who it was that did not know the password of the session', async () => {
    const { entries, signIns } = setUp();
    signIns.refused({ email: owner.email, caller: from('192.0.2.1'), principal }, 'invalid_credentials');
    await signIns.stop();
    expect(entries).toMatchObject([{ action: 'session.refuse', actor: { type: 'user', id: 'u1' } }]);
  });

  test('does not take a code that is still to come for a failure', async () => {
    const { entries, signIns } = setUp();
    signIns.refused(
      { email: owner.email, caller: from('192.0.2.1'), principal: null },
      'two_factor_required',
    );
    await signIns.stop();
    expect(entries).toEqual([]);
  });

  test('keeps nothing of a name that is nobody’s: it may be a password', async () => {
    const { entries, guess, signIns } = setUp();
    guess('my secret passphrase', '192.0.2.1');
    guess('another one', '192.0.2.2');
    await signIns.stop();
    expect(JSON.stringify(entries)).not.toMatch(/secret|another/);
    const unknown = { organizationId: 'default', targetId: null };
    expect(entries).toMatchObject([
      { ...unknown, after: { reason: 'unknown user' } },
      { ...unknown, after: { reason: 'unknown user' } },
    ]);
  });

  test('counts what is repeated, one entry for a user and network', async () => {
    const { clock, entries, guess, signIns } = setUp();
    for (let i = 0; i < 1_000; i++) guess(owner.email);
    await expect.poll(() => entries.length).toBe(1);
    clock.advance(WINDOW_MS);
    await signIns.stop();
    expect(entries).toHaveLength(2);
    expect(entries[1]).toMatchObject({
      address: '192.0.2.1',
      after: { reason: 'wrong password', times: 999 },
    });
  });

  test('makes a few hundred entries at most of a flood from everywhere, and loses no attempt', async () => {
    const { entries, guess, signIns } = setUp();
    const attempts = 20_000;
    for (let i = 0; i < attempts; i++) {
      guess(i % 3 ? `${i}@example.com` : `made up ${i}`, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
      guess(i % 3 ? '1@example.com' : 'made up', '10.0.0.0');
    }
    await expect.poll(() => entries.length).toBe(120);
    await signIns.stop();
    expect(entries.length).toBeLessThanOrEqual(242);
    const counted = entries.map(({ after }) => (after as { times?: number }).times ?? 1);
    expect(counted.reduce((sum, times) => sum + times, 0)).toBe(2 * attempts);
    expect(entries.filter(({ address }) => address === null)).toHaveLength(2);
  });

  test('is written in the background when somebody was refused, so that nobody sees who exists', () => {
    const { guess } = setUp();
    expect(guess(owner.email)).toBeUndefined();
  });
});
