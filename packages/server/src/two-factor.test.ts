import { createOTP } from '@better-auth/utils/otp';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { twoFactor } from './db/auth-schema.ts';
import { type Person, TEST_PASSWORD, TestControl } from './testing/test-control.ts';

let control: TestControl;
let person: Person;

beforeAll(async () => {
  control = await TestControl.start();
});
afterAll(() => control.stop());
beforeEach(async () => {
  person = await control.person('operator');
});

const post = (path: string, body: object, token = person.token) =>
  control.call('POST', path, body, { token });
const login = (code?: string, password = TEST_PASSWORD) =>
  control.call('POST', '/auth/login', { email: person.email, password, ...(code && { code }) });

/** What an authenticator does with the link of a QR code. */
function authenticator(otpauthUrl: string) {
  const secret = decodeBase32(new URL(otpauthUrl).searchParams.get('secret') ?? '');
  /** `steps`: of 30 seconds from now. */
  return (steps = 0) => createOTP(secret).hotp(Math.floor(Date.now() / 30_000) + steps);
}

function decodeBase32(text: string): string {
  const bits = Array.from(text, (c) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'),
  ).join('');
  return String.fromCharCode(...(bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** Turns it on with the code of the step before, so that tests have two newer ones. */
async function turnOn() {
  const setup = await post('/auth/two-factor/setup', { password: TEST_PASSWORD });
  const code = authenticator(setup.body.otpauthUrl);
  const enabled = await post('/auth/two-factor/enable', { code: await code(-1) });
  person = { ...person, token: enabled.body.token };
  return { code, backupCodes: setup.body.backupCodes as string[], enabled };
}

describe('a second factor', () => {
  test('is set up with the password and counts from the first code on', async () => {
    expect((await post('/auth/two-factor/setup', { password: 'wrong' })).body.code).toBe(
      'invalid_credentials',
    );
    const setup = await post('/auth/two-factor/setup', { password: TEST_PASSWORD });
    expect(setup.body.otpauthUrl).toMatch(/^otpauth:\/\/totp\/PocketProxy:/);
    expect(setup.body.backupCodes).toHaveLength(10);
    expect((await login()).status).toBe(200);
    expect((await post('/auth/two-factor/enable', { code: '000000' })).body.code).toBe(
      'invalid_two_factor_code',
    );
    const code = authenticator(setup.body.otpauthUrl);
    const enabled = await post('/auth/two-factor/enable', { code: await code(-1) });
    expect(enabled).toMatchObject({ status: 200, body: { user: { email: person.email } } });
    expect((await login()).body.code).toBe('two_factor_required');
    expect((await login(await code())).status).toBe(200);
    const again = await post('/auth/two-factor/setup', { password: TEST_PASSWORD }, enabled.body.token);
    expect(again.body.code).toBe('two_factor_enabled');
  });

  test('ends the sessions that were begun without it', async () => {
    const [before, other] = [person.token, await control.login(person.email)];
    const { enabled } = await turnOn();
    const statusOf = async (token: string) =>
      (await control.call('GET', '/auth/me', undefined, { token })).status;
    expect([await statusOf(before), await statusOf(other)]).toEqual([401, 401]);
    expect(await statusOf(enabled.body.token)).toBe(200);
    const me = await control.call('GET', '/auth/me', undefined, { token: enabled.body.token });
    expect(me.body.twoFactorEnabled).toBe(true);
  });

  test('is no secret of the database: neither it nor backup codes are readable there', async () => {
    const setup = await post('/auth/two-factor/setup', { password: TEST_PASSWORD });
    const secret = new URL(setup.body.otpauthUrl).searchParams.get('secret') ?? '';
    const rows = JSON.stringify(await control.db.select().from(twoFactor));
    for (const text of [secret, decodeBase32(secret), ...setup.body.backupCodes]) {
      expect(rows).not.toContain(text);
      expect(control.logged.join('')).not.toContain(text);
    }
  });

  test('refuses a code that was used, also when it comes many times at once', async () => {
    const { code } = await turnOn();
    const now = await code();
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => login(now)));
    expect(outcomes.map((o) => o.status).sort()).toEqual([200, 401, 401, 401, 401]);
    expect((await login(await code(-1))).body.code).toBe('invalid_two_factor_code');
    expect((await login(await code(1))).status).toBe(200);
  });

  test('is asked for only after the right password', async () => {
    const { code } = await turnOn();
    expect((await login(undefined, 'wrong')).body.code).toBe('invalid_credentials');
    expect((await login(await code(), 'wrong')).body.code).toBe('invalid_credentials');
    expect((await login(await code())).status).toBe(200);
  });

  test('can be replaced by each backup code once', async () => {
    const { backupCodes } = await turnOn();
    expect((await login(backupCodes[0])).status).toBe(200);
    expect((await login(backupCodes[0])).body.code).toBe('invalid_two_factor_code');
    const renewed = await post('/auth/two-factor/backup-codes', { password: TEST_PASSWORD });
    expect((await login(backupCodes[1])).body.code).toBe('invalid_two_factor_code');
    expect((await login(renewed.body.backupCodes[1])).status).toBe(200);
  });

  test('cannot be guessed: ten wrong codes block address and user', async () => {
    const { code } = await turnOn();
    const attempts = await Promise.all(Array.from({ length: 10 }, () => login('000000')));
    expect(attempts.map((a) => a.body.code)).toEqual(Array(10).fill('invalid_two_factor_code'));
    expect(await login(await code())).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  });

  test('cannot be guessed from many addresses either: the account is locked for a while', async () => {
    const { code } = await turnOn();
    const from = (address: string, text: string) =>
      control.call(
        'POST',
        '/auth/login',
        { email: person.email, password: TEST_PASSWORD, code: text },
        { headers: { 'x-forwarded-for': address } },
      );
    for (let i = 0; i < 10; i += 1) expect((await from(`203.0.113.${i}`, '000000')).status).toBe(401);
    expect((await from('203.0.113.99', await code())).body.code).toBe('rate_limited');
  });

  test('is turned off with the password, or by an administrator', async () => {
    await turnOn();
    expect((await post('/auth/two-factor/disable', { password: 'wrong' })).status).toBe(401);
    const off = await post('/auth/two-factor/disable', { password: TEST_PASSWORD });
    expect(off.status).toBe(200);
    person = { ...person, token: off.body.token };
    expect((await login()).status).toBe(200);
    await turnOn();
    const admin = await control.person('admin');
    const path = `/users/${person.id}/two-factor`;
    expect((await control.call('DELETE', path, undefined, admin)).status).toBe(204);
    expect((await login()).status).toBe(200);
    const rows = await control.db.select().from(twoFactor).where(eq(twoFactor.userId, person.id));
    expect(rows).toEqual([]);
  });
});
