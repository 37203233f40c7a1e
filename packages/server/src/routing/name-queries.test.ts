import { FlowError } from '@pocketproxy/protocol';
import { describe, expect, it } from 'vitest';
import type { Access } from '../domain/ingress.ts';
import { NameQueries } from './name-queries.ts';
import { connectionRow } from './testing/fakes.ts';
import { startRouting } from './testing/routing.ts';

const ORIGIN = { port: 30_000, address: '192.0.2.1' };
const ALICE = { username: 'alice', password: 'secret' };
const QUERY = new Uint8Array(40);

async function setUp(fields: Parameters<typeof connectionRow>[0] = {}) {
  const routing = await startRouting([connectionRow(fields)]);
  const access = (await routing.gateway.authenticate(ORIGIN, ALICE)) as Access;
  const names = new NameQueries(routing);
  const query = (signal = new AbortController().signal) => names.query(access, QUERY, signal);
  return { ...routing, query };
}

async function codeOf(asked: Promise<unknown>): Promise<string> {
  return await asked.then(
    () => 'no error',
    (error: unknown) => (error instanceof FlowError ? error.code : 'another error'),
  );
}

describe('names of VPN clients', () => {
  it('are asked of the phone, and counted in both directions', async () => {
    const { query, directory } = await setUp();
    expect(await query()).toEqual(QUERY);
    expect(directory.byId('c1')!.usage.meter).toEqual({ up: 40, down: 40 });
  });

  it('are no flows, but end with the quota', async () => {
    const { query, directory } = await setUp({ maxFlows: 0, quotaBytes: 100 });
    await query();
    expect(directory.byId('c1')!.openFlows).toBe(0);
    await query();
    expect(await codeOf(query())).toBe('quota_exceeded');
  });

  it('wait while the phone rotates', async () => {
    const { query, gate, tunnels } = await setUp();
    gate.hold('d1', 5_000);
    const waiting = query();
    gate.release('d1');
    expect(await waiting).toEqual(QUERY);
    expect(tunnels).toBeDefined();
  });

  it('are refused when the rotation takes too long, or the client gave up', async () => {
    const { query, gate, clock } = await setUp();
    gate.hold('d1', 5_000);
    const late = codeOf(query());
    clock.advance(5_000);
    expect(await late).toBe('rotation_timeout');
    const leaving = new AbortController();
    const left = codeOf(query(leaving.signal));
    leaving.abort();
    expect(await left).toBe('request_timeout');
  });
});
