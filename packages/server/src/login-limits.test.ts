import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, TEST_PASSWORD, TestControl } from './testing/test-control.ts';

let control: TestControl;
let victim: Person;

beforeAll(async () => {
  // As in production, because time is what is measured.
  control = await TestControl.start({ cost: 10 });
  victim = await control.person('operator');
});
afterAll(() => control.stop());

let address = 0;
const nextAddress = () => `203.0.${113 + Math.floor(++address / 250)}.${address % 250}`;

const login = (email: string, password: string, from = nextAddress()) =>
  control.call('POST', '/auth/login', { email, password }, { headers: { 'x-forwarded-for': from } });

describe('guessing passwords', () => {
  test('a hundred guesses at once are ten, and the rest is refused without a look', async () => {
    const from = nextAddress();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => login(victim.email, `${i}`, from)),
    );
    const count = (status: number) => answers.filter((a) => a.status === status).length;
    expect([count(401), count(429)]).toEqual([10, 90]);
    const blocked = await login(victim.email, TEST_PASSWORD, from);
    expect(blocked).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThanOrEqual(60);
  });

  test('blocks nobody else: neither the user elsewhere nor others behind the same address', async () => {
    const from = nextAddress();
    for (let i = 0; i < 11; i += 1) await login(victim.email, 'wrong', from);
    expect((await login(victim.email, TEST_PASSWORD, from)).status).toBe(429);
    expect((await login(victim.email, TEST_PASSWORD)).status).toBe(200);
    const neighbour = await control.person('operator');
    expect((await login(neighbour.email, TEST_PASSWORD, from)).status).toBe(200);
  });

  test('a whole /64 of IPv6 addresses is one address, in whatever spelling', async () => {
    for (let i = 0; i < 10; i += 1) await login(victim.email, 'wrong', `2001:db8::${i.toString(16)}`);
    expect((await login(victim.email, TEST_PASSWORD, '2001:0DB8:0::ffff')).status).toBe(429);
    expect((await login(victim.email, TEST_PASSWORD, '2001:db8:0:1::1')).status).toBe(200);
  });

  test('an address in another case is the same user', async () => {
    const from = nextAddress();
    for (let i = 0; i < 10; i += 1) {
      await login(i % 2 ? victim.email : victim.email.toUpperCase(), 'wrong', from);
    }
    expect((await login(victim.email, TEST_PASSWORD, from)).status).toBe(429);
  });
});

test('an unknown user costs the same time as a wrong password, and gets the same answer', async () => {
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
  const measure = async (kind: 'known' | 'unknown', email: string) => {
    const start = performance.now();
    const { status, body } = await login(email, 'a wrong password');
    times[kind].push(performance.now() - start);
    expect([status, body.code]).toEqual([401, 'invalid_credentials']);
  };
  // Taken in turns, so that whatever else this machine does slows both.
  for (let i = 0; i < 15; i += 1) {
    await measure('known', victim.email);
    await measure('unknown', `nobody-${i}@example.com`);
  }
  const [known, unknown] = [median(times.known), median(times.unknown)];
  // A look-up without a hash takes 2 ms.
  expect(Math.min(known, unknown)).toBeGreaterThan(20);
  expect(Math.max(known, unknown) / Math.min(known, unknown)).toBeLessThan(1.6);
});

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
