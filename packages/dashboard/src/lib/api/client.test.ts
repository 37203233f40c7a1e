import { expect, test, vi } from 'vitest';
import { ApiClient } from './client.ts';

const ID = '01a20c58-5627-7089-9094-4f18eba553e9';

/** A client whose server gives these answers, and what it was asked. */
function clientOf(...answers: Response[]) {
  const calls: { readonly path: string; readonly init: RequestInit }[] = [];
  const session = {
    token: vi.fn(async () => 'old'),
    renew: vi.fn(async () => ({ token: 'new', expiresAt: '', user: {} as never })),
  };
  const fetch = async (path: string, init: RequestInit = {}): Promise<Response> => {
    calls.push({ path, init });
    return answers.shift() ?? Response.error();
  };
  return { client: new ApiClient(session, fetch, () => 'key-00000001'), calls, session };
}

const header = (call: { readonly init: RequestInit } | undefined, name: string) =>
  new Headers(call?.init.headers).get(name);

test('reads one thing with the token', async () => {
  const { client, calls } = clientOf(Response.json({ id: ID }));
  expect(await client.get('/devices/:id', { id: ID })).toEqual({ id: ID });
  expect(calls[0]?.path).toBe(`/api/v1/devices/${ID}`);
  expect(header(calls[0], 'authorization')).toBe('Bearer old');
});

test('reads a list to its end', async () => {
  const { client, calls } = clientOf(
    Response.json({ items: [{ id: '1' }], nextCursor: ID }),
    Response.json({ items: [{ id: '2' }], nextCursor: null }),
  );
  expect(await client.all('/connections', { query: { deviceId: ID } })).toEqual([{ id: '1' }, { id: '2' }]);
  expect(calls.map(({ path }) => path)).toEqual([
    `/api/v1/connections?limit=500&deviceId=${ID}`,
    `/api/v1/connections?limit=500&cursor=${ID}&deviceId=${ID}`,
  ]);
});

test('makes things with a key, so that a repetition makes nothing twice', async () => {
  const { client, calls } = clientOf(Response.json({}), Response.json({}));
  await client.post('/connections', { body: { deviceId: ID } });
  await client.post('/connections', { body: { deviceId: ID }, idempotencyKey: 'mine-12345' });
  expect(calls.map((call) => header(call, 'idempotency-key'))).toEqual(['key-00000001', 'mine-12345']);
});

test('changes things only as they were read', async () => {
  const { client, calls } = clientOf(Response.json({}));
  await client.patch('/devices/:id', { id: ID, body: { name: 'New' }, version: 7 });
  expect(header(calls[0], 'if-match')).toBe('"7"');
});

test('tries once more with a new token when the old one is refused', async () => {
  const refused = Response.json({ code: 'unauthenticated', detail: 'No' }, { status: 401 });
  const { client, calls, session } = clientOf(refused, Response.json({ id: ID }));
  await client.get('/devices/:id', { id: ID });
  expect(session.renew).toHaveBeenCalledTimes(1);
  expect(calls.map((call) => header(call, 'authorization'))).toEqual(['Bearer old', 'Bearer new']);
});

test('says which fields are wrong, in the names of the form', async () => {
  const problem = {
    ...{ code: 'validation_failed', detail: 'body.maxFlows: too small' },
    errors: [{ field: 'body.maxFlows', message: 'too small' }],
  };
  const { client } = clientOf(Response.json(problem, { status: 400 }));
  await expect(client.post('/connections', { body: { deviceId: ID } })).rejects.toMatchObject({
    ...{ code: 'validation_failed', status: 400, fields: [{ field: 'maxFlows', message: 'too small' }] },
  });
});

test('tells an answer of something in between from one of the server', async () => {
  const { client } = clientOf(new Response('<h1>Bad gateway</h1>', { status: 502 }));
  await expect(client.get('/stats/overview')).rejects.toMatchObject({ code: 'unreadable', status: 502 });
});

test('an answer without content is none', async () => {
  const { client } = clientOf(new Response(null, { status: 204 }));
  expect(await client.delete('/connections/:id', { id: ID })).toBeUndefined();
});
