import { expect, test, vi } from 'vitest';
import { Session } from './session.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const USER = { id: 'u1', email: 'a@b.example', name: 'A', role: 'admin' as const };
let count = 0;

function grant(minutes = 10): Response {
  count += 1;
  const expiresAt = new Date(NOW + minutes * 60_000).toISOString();
  return Response.json({ token: `token-${count}`, expiresAt, user: USER });
}

function refusal(code: string, status: number): Response {
  return Response.json({ code, detail: `It is ${code}`, status }, { status });
}

/** A session whose server gives these answers, one after the other. */
function sessionOf(...answers: (Response | Error)[]) {
  const fetch = vi.fn(async (_path: string, _init?: RequestInit) => {
    const answer = answers.shift();
    if (answer === undefined) throw new Error('No further call was expected');
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return { session: new Session(fetch, () => NOW), fetch };
}

test('signs in and gives the token out while it is good', async () => {
  const { session, fetch } = sessionOf(grant());
  await session.signIn({ email: 'a', password: 'b' });
  expect(session.state).toEqual({ status: 'signed-in', user: USER });
  expect(await session.token()).toBe(await session.token());
  expect(fetch).toHaveBeenCalledTimes(1);
});

test('renews a token that is about to expire once, however many ask for it', async () => {
  const { session, fetch } = sessionOf(grant(0.1), grant());
  await session.signIn({ email: 'a', password: 'b' });
  const tokens = await Promise.all([session.token(), session.token(), session.token()]);
  expect(new Set(tokens).size).toBe(1);
  expect(fetch.mock.calls.map(([path]) => path)).toEqual(['/api/v1/auth/login', '/api/v1/auth/refresh']);
});

test('is expired when the server knows it no longer, and tells whoever listens', async () => {
  const { session } = sessionOf(grant(0.1), refusal('unauthenticated', 401));
  await session.signIn({ email: 'a', password: 'b' });
  const listener = vi.fn();
  session.subscribe(listener);
  await expect(session.token()).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(session.state).toEqual({ status: 'signed-out', expired: true });
  expect(listener).toHaveBeenCalledTimes(1);
});

test('stays signed in while the server cannot be reached', async () => {
  const { session } = sessionOf(grant(0.1), new TypeError('fetch failed'), grant());
  await session.signIn({ email: 'a', password: 'b' });
  await expect(session.token()).rejects.toMatchObject({ code: 'unreachable' });
  expect(session.state.status).toBe('signed-in');
  expect(await session.token()).toMatch(/^token-/);
});

test('of an earlier visit is found by the cookie, and its absence is no expiry', async () => {
  const found = sessionOf(grant());
  expect(await found.session.restore()).toMatchObject({ status: 'signed-in' });
  const none = sessionOf(refusal('unauthenticated', 401));
  expect(await none.session.restore()).toEqual({ status: 'signed-out', expired: false });
});

test('ends here also when the server cannot be told', async () => {
  const { session } = sessionOf(grant(), new TypeError('fetch failed'));
  await session.signIn({ email: 'a', password: 'b' });
  expect(await session.signOut()).toBe(false);
  expect(session.state).toEqual({ status: 'signed-out', expired: false });
  await expect(session.token()).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('ends on the server also when its token has run out, as after a night', async () => {
  const { session, fetch } = sessionOf(grant(0.1), grant(), new Response(null, { status: 204 }));
  await session.signIn({ email: 'a', password: 'b' });
  expect(await session.signOut()).toBe(true);
  expect(session.state.status).toBe('signed-out');
  const [path, init] = fetch.mock.lastCall ?? [];
  expect([path, init?.headers]).toEqual(['/api/v1/auth/logout', { authorization: `Bearer token-${count}` }]);
});

test('does not begin again by a grant that comes after somebody has signed out', async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const fetch = vi.fn(async (path: string, _init?: RequestInit) => {
    if (path.endsWith('/refresh')) return await promise;
    return path.endsWith('/login') ? grant() : new Response(null, { status: 204 });
  });
  const session = new Session(fetch, () => NOW);
  await session.signIn({ email: 'a', password: 'b' });
  const renewed = session.renew();
  await session.signOut();
  resolve(grant());
  await expect(renewed).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(session.state.status).toBe('signed-out');
});

test('of somebody else, who has signed in in another window, is another one', async () => {
  const other = grant(10);
  const answer = { ...(await other.json()), user: { ...USER, id: 'u2' } };
  const { session } = sessionOf(grant(0.1), Response.json(answer));
  await session.signIn({ email: 'a', password: 'b' });
  const states: string[] = [];
  session.subscribe(() => states.push(session.state.status));
  await session.renew();
  expect(states).toEqual(['signed-out', 'signed-in']);
  expect(session.state).toMatchObject({ user: { id: 'u2' } });
});

test('a session that is being replaced is not renewed by its old cookie meanwhile', async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const fetch = vi.fn(async (path: string, _init?: RequestInit) =>
    path.endsWith('/login') ? grant() : await promise,
  );
  const session = new Session(fetch, () => NOW);
  await session.signIn({ email: 'a', password: 'b' });
  const before = await session.token();
  const replaced = session.replace('/api/v1/auth/two-factor/enable', { code: '123456' });
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(2));
  const renewed = session.renew();
  resolve(grant());
  await replaced;
  expect((await renewed).token).toBe(await session.token());
  expect(await session.token()).not.toBe(before);
  expect(fetch.mock.calls[1]?.[1]?.headers).toMatchObject({ authorization: `Bearer ${before}` });
  expect(fetch).toHaveBeenCalledTimes(2);
});

test('a session stays as it is when its replacement is refused', async () => {
  const { session } = sessionOf(grant(), refusal('invalid_two_factor_code', 401), grant());
  await session.signIn({ email: 'a', password: 'b' });
  const refused = session.replace('/api/v1/auth/two-factor/enable', { code: '123456' });
  await expect(refused).rejects.toMatchObject({ code: 'invalid_two_factor_code' });
  expect(session.state.status).toBe('signed-in');
  expect((await session.renew()).token).toMatch(/^token-/);
});
