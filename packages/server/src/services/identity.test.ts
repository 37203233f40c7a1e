import { randomBytes, randomUUID } from 'node:crypto';
import { FakeClock, RealClock, silentLogger } from '@pocketproxy/runtime';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts';
import { createAuth } from './auth.ts';
import { ConcurrencyGate } from './concurrency-gate.ts';
import { Identity } from './identity.ts';
import { LoginAttempts } from './login-attempts.ts';
import { PasswordHash } from './password-hash.ts';
import { Principals } from './principals.ts';
import { Tokens } from './tokens.ts';
import { TwoFactor } from './two-factor.ts';
import { Users } from './users.ts';

let server: TestDatabase;
let users: Users;
let email: string;
const password = 'correct horse battery';
const caller = { address: '192.0.2.1', userAgent: 'test', cookie: undefined };
const secret = randomBytes(32).toString('hex');
const passwordHash = new PasswordHash({ pepper: randomBytes(32), cost: 4, gate: new ConcurrencyGate(2, 50) });

beforeAll(async () => {
  server = await startTestDatabase();
  users = new Users(server.database.db, passwordHash);
});
afterAll(() => server.stop());
beforeEach(async () => {
  email = `${randomUUID()}@example.com`;
  await users.add({ email, name: 'Test', role: 'operator', password });
});

/** One control process. */
function startProcess(clock = new FakeClock(Date.now())) {
  const { db } = server.database;
  const auth = createAuth({
    ...{ db, secret, passwordHash, newId: randomUUID, log: silentLogger() },
    publicUrl: 'https://proxy.example',
  });
  const failures: string[] = [];
  const limiter = { allows: () => true, noteFailure: (key: string) => void failures.push(key) };
  const attempts = new LoginAttempts(limiter, { refused: () => {} });
  const signIns = { begun: async () => {}, ended: async () => {} };
  const [tokens, principals] = [new Tokens(auth, clock), new Principals(db, clock)];
  const twoFactor = new TwoFactor({ auth, db, secret, clock });
  const identity = new Identity({ auth, db, tokens, principals, attempts, twoFactor, signIns });
  return { auth, clock, failures, tokens, identity };
}

async function disable(email: string, disabled: boolean) {
  await users.update((await users.byEmail(email)).id, { disabled });
}

function cookieOf(setCookies: readonly string[]): string {
  return setCookies.map((cookie) => cookie.split(';')[0]).join('; ');
}

describe('logging in', () => {
  test('answers a token that stands for the user, and a cookie that scripts and other sites cannot use', async () => {
    const { identity } = startProcess();
    const grant = await identity.login({ email: email.toUpperCase(), password: password }, caller);
    expect(grant.principal).toMatchObject({ email, role: 'operator', name: 'Test' });
    expect(await identity.authenticate(grant.token)).toEqual(grant.principal);
    expect(grant.setCookies[0]).toMatch(/^__Secure-pocketproxy\.session_token=/);
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/api/v1/auth']) {
      expect(grant.setCookies[0]).toContain(attribute);
    }
  });

  test('says the same about a wrong password and an unknown user, and counts both', async () => {
    const { identity, failures } = startProcess();
    const refused = { code: 'invalid_credentials', detail: 'E-mail or password is wrong' };
    await expect(identity.login({ email: email, password: 'wrong' }, caller)).rejects.toMatchObject(refused);
    await expect(
      identity.login({ email: 'nobody@example.com', password: 'wrong' }, caller),
    ).rejects.toMatchObject(refused);
    await expect(
      identity.login({ email: 'not an address', password: 'wrong' }, caller),
    ).rejects.toMatchObject(refused);
    expect(failures).toHaveLength(3);
  });

  test('is refused to a disabled account, whose sessions end', async () => {
    const { identity, clock } = startProcess();
    const { token } = await identity.login({ email: email, password: password }, caller);
    await disable(email, true);
    clock.advance(5_000);
    expect(await identity.authenticate(token)).toBeNull();
    await expect(identity.login({ email: email, password: password }, caller)).rejects.toMatchObject({
      code: 'account_disabled',
    });
    await disable(email, false);
    await identity.login({ email: email, password: password }, caller);
  });
});

describe('a token', () => {
  test('is refused after logout, at once here and within seconds by other processes', async () => {
    const [here, other] = [startProcess(), startProcess()];
    const { token, principal } = await here.identity.login({ email: email, password: password }, caller);
    expect(await other.identity.authenticate(token)).not.toBeNull();
    await here.identity.logout(principal, caller);
    expect(await here.identity.authenticate(token)).toBeNull();
    other.clock.advance(5_000);
    expect(await other.identity.authenticate(token)).toBeNull();
  });

  test('is refused when it has expired', async () => {
    const { identity, clock } = startProcess();
    const { token, expiresAt } = await identity.login({ email: email, password: password }, caller);
    expect(await identity.authenticate(token)).not.toBeNull();
    clock.advance(expiresAt.getTime() - clock.now() + 1_000);
    expect(await identity.authenticate(token)).toBeNull();
  });

  test('is refused when somebody else made it', async () => {
    const { identity, tokens } = startProcess();
    const { token, principal } = await identity.login({ email: email, password: password }, caller);
    const [header, body, signature] = token.split('.') as [string, string, string];
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(randomBytes(32));
    const wrongAudience = encode({ ...claims, aud: 'other' });
    // Also when the true one was seen before.
    expect(await identity.authenticate(token)).not.toBeNull();
    for (const bad of [
      `${encode({ alg: 'none' })}.${body}.`,
      `${encode({ alg: 'none', kid: JSON.parse(Buffer.from(header, 'base64url').toString()).kid })}.${body}.`,
      `${header}.${body}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`,
      `${header}.${wrongAudience}.${signature}`,
      ...[forged, '', 'x', 'a.b.c', principal.sessionId!],
    ]) {
      expect(await identity.authenticate(bad)).toBeNull();
    }
    expect(await tokens.verify(token)).toEqual({ userId: principal.userId, sessionId: principal.sessionId });
  });
});

describe('a token of our own key', () => {
  test('is refused for another audience, issuer or user, when it has expired, and for no session', async () => {
    const { identity, auth, clock } = startProcess();
    const { principal } = await identity.login({ email, password }, caller);
    const iat = Math.floor(clock.now() / 1000);
    const claims = { sub: principal.userId, sid: principal.sessionId, iat };
    const signed = async (more: object) =>
      (await auth.api.signJWT({ body: { payload: { ...claims, ...more } } })).token;
    expect(await identity.authenticate(await signed({}))).toEqual(principal);
    for (const more of [
      { aud: 'other' },
      { iss: 'other' },
      { exp: iat - 1 },
      { sid: randomUUID() },
      { sub: 'x' },
    ]) {
      expect(await identity.authenticate(await signed(more)), JSON.stringify(more)).toBeNull();
    }
  });
});

describe('rights', () => {
  test('that change are told to whoever acts on them for longer than a request', async () => {
    const { identity } = startProcess();
    const { principal } = await identity.login({ email, password }, caller);
    let told = 0;
    const stop = identity.onRightsChanged(principal.userId, () => {
      told += 1;
    });
    await identity.logout(principal, caller);
    expect(told).toBe(1);
    stop();
  });
});

describe('refreshing', () => {
  test('answers a new token for the cookie, until logout', async () => {
    const { identity } = startProcess(new FakeClock(new RealClock().now()));
    const first = await identity.login({ email: email, password: password }, caller);
    const withCookie = { ...caller, cookie: cookieOf(first.setCookies) };
    const second = await identity.refresh(withCookie);
    expect(await identity.authenticate(second.token)).toEqual(first.principal);
    await identity.logout(second.principal, caller);
    await expect(identity.refresh(withCookie)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('is refused without a cookie or with one that was tampered with', async () => {
    const { identity } = startProcess();
    const { setCookies } = await identity.login({ email: email, password: password }, caller);
    const cookie = cookieOf(setCookies).replace(/=(.)/, (_, c) => (c === 'x' ? '=y' : '=x'));
    await expect(identity.refresh(caller)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(identity.refresh({ ...caller, cookie })).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('users', () => {
  test('the first administrator is made once, also when several processes start together', async () => {
    const made = await Promise.all(
      Array.from({ length: 5 }, () => users.ensureFirstAdministrator({ email: null, password: null })),
    );
    const logins = made.filter((login) => login !== null);
    expect(logins).toHaveLength(1);
    const { identity } = startProcess();
    const { principal } = await identity.login(
      { email: logins[0]!.email, password: logins[0]!.password },
      caller,
    );
    expect(principal.role).toBe('admin');
  });

  test('a new password ends every session and the old password', async () => {
    const { identity, clock } = startProcess();
    const { token } = await identity.login({ email: email, password: password }, caller);
    const { password: next } = await users.setPassword((await users.byEmail(email)).id);
    clock.advance(5_000);
    expect(await identity.authenticate(token)).toBeNull();
    await expect(identity.login({ email: email, password: password }, caller)).rejects.toMatchObject({
      code: 'invalid_credentials',
    });
    await identity.login({ email: email, password: next }, caller);
  });

  test('staff shares an organization, and each customer has its own', async () => {
    const { identity } = startProcess();
    const organizationOf = async (role: 'operator' | 'customer') => {
      const login = await users.add({ email: `${randomUUID()}@example.com`, name: 'Test', role });
      return (await identity.login({ email: login.email, password: login.password }, caller)).principal
        .organizationId;
    };
    expect(await organizationOf('operator')).toBe(await organizationOf('operator'));
    const customers = [await organizationOf('customer'), await organizationOf('customer')];
    expect(new Set([...customers, await organizationOf('operator')]).size).toBe(3);
  });

  test('an e-mail address belongs to one user, in any case', async () => {
    const again = users.add({ email: email.toUpperCase(), name: 'Again', role: 'customer' });
    await expect(again).rejects.toMatchObject({ code: 'email_taken' });
  });
});
