import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RawPhone } from './clients/raw-phone.ts';
import { getThrough } from './clients/tunnelled.ts';
import { pairAgent } from './harness/test-agent.ts';
import { until } from './harness/until.ts';
import { useWorld } from './harness/world.ts';

const CLAIMS = 100;
const HALF_AN_HOUR_MS = 1_800_000;

/** Flags of a Node that believes that so much time has passed. */
function later(ms: number): string {
  return `--import data:text/javascript,const%20now=Date.now;Date.now=()=>now()+${ms};`;
}

describe('pairing by the command line', () => {
  const world = useWorld();
  let directory: string;
  /** Grows with each try of a test, which must not meet what the one before has left. */
  let tries = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pp-pairing-'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  /** Runs `pair` to its end: exit code and what it printed. */
  async function pair(pairingUrl: string, state: string): Promise<{ code: number | null; output: string }> {
    const child = pairAgent(pairingUrl, join(directory, state));
    const { code } = await child.exited;
    return { code, output: child.log.lines.join('\n') };
  }

  test('says that a code was used', async () => {
    const { pairingUrl } = await world().server.api.createPairingCode({ name: 'Used' });
    expect((await pair(pairingUrl, 'used-1')).code).toBe(0);
    const second = await pair(pairingUrl, 'used-2');
    expect(second.code).not.toBe(0);
    expect(second.output).toMatch(/already used/i);
  });

  test('says that a code is unknown, or was withdrawn', async () => {
    const { api } = world().server;
    const { id, pairingUrl } = await api.createPairingCode({ name: 'Withdrawn' });
    await api.call('DELETE', `/pairing-codes/${id}`);
    const result = await pair(pairingUrl, 'withdrawn');
    expect(result.code).not.toBe(0);
    expect(result.output).toMatch(/not known/i);
  });

  test('does not send the code to a relay with another key, and says so', async () => {
    const { pairingUrl } = await world().server.api.createPairingCode({ name: 'Other key' });
    const wrongKey = pairingUrl.replace(/ca=[0-9a-f]{4}/, 'ca=0000');
    const result = await pair(wrongKey, 'wrong-key');
    expect(result.code).not.toBe(0);
    expect(result.output).toMatch(/key|fingerprint/i);
    // The code was never shown to anyone, so it is still good.
    expect((await pair(pairingUrl, 'right-key')).code).toBe(0);
  });

  test('says what is wrong with a URL that is not a pairing URL', async () => {
    const result = await pair('https://example.com/pair', 'no-url');
    expect(result.code).not.toBe(0);
    expect(result.output).toMatch(/pocketproxy:\/\//);
  });

  test('says that nobody answers', async () => {
    const { pairingUrl } = await world().server.api.createPairingCode({ name: 'Unreachable' });
    const result = await pair(pairingUrl.replace(/:\d+\/pair/, ':1/pair'), 'unreachable');
    expect(result.code).not.toBe(0);
    expect(result.output).toMatch(/127\.0\.0\.1.*1|refused|reach/i);
  });

  test('anew keeps the device, its ports and connections, and ends the old key', {
    timeout: 90_000,
  }, async () => {
    const { server, agent, connection, origin } = world();
    const to = { host: '127.0.0.1', port: origin.port };
    const before = await server.api.device(agent.deviceId);
    const { pairingUrl } = await server.api.createPairingCode({ deviceId: agent.deviceId });
    // The same phone after a reinstall: nothing is left of its state.
    const oldState = join(directory, 'old-state');
    await cp(agent.stateDir, oldState, { recursive: true });
    await agent.end('SIGTERM');
    await rm(agent.stateDir, { recursive: true });
    const child = pairAgent(pairingUrl, agent.stateDir);
    expect((await child.exited).code, child.log.tail(5)).toBe(0);
    agent.launch();
    await agent.online();
    expect(await server.api.device(agent.deviceId)).toMatchObject({ id: before.id, name: before.name });
    expect((await server.api.connection(connection.id)).port).toBe(connection.port);
    expect((await getThrough(connection, to)).status).toBe(200);

    const old = agent.spawnOn(oldState);
    await old.log.waitFor(/revoked|no longer|pair/i, 30_000);
    // The new agent is undisturbed.
    expect((await getThrough(connection, to)).status).toBe(200);
    expect(await agent.status()).toBe('online');
    await old.kill();
  });

  test('while the old agent runs ends that agent’s sessions', { timeout: 60_000 }, async () => {
    const { server, agent, connection, origin } = world();
    const { pairingUrl } = await server.api.createPairingCode({ deviceId: agent.deviceId });
    const phone = await RawPhone.pair(pairingUrl);
    await until('the old agent to be cut off', async () => (await agent.status()) !== 'online');
    expect(
      (await getThrough(connection, { host: '127.0.0.1', port: origin.port }).catch(() => null))?.status,
    ).not.toBe(200);
    const tunnel = await phone.openTunnel();
    tunnel.destroy();
  });

  test(`has exactly one winner among ${CLAIMS} claims of one code at once`, async () => {
    const { code, pairingUrl } = await world().server.api.createPairingCode({ name: 'Race' });
    const { hostname, port } = new URL(pairingUrl.replace('pocketproxy:', 'https:'));
    const phones = Array.from({ length: CLAIMS }, () => new RawPhone({ host: hostname, port: Number(port) }));
    const answers = await Promise.all(
      // Each from an address of its own, so that no limit on failures decides the race.
      phones.map((phone, index) => phone.claim(code, { localAddress: `127.0.1.${index + 1}` })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.code).filter(Boolean))).toEqual(
      new Set(['pairing_code_used']),
    );
    const devices = await world().server.api.devices();
    expect(devices.filter(({ name }) => name === 'Race')).toHaveLength(1);
  });

  test('is limited after ten wrong codes from one address', async () => {
    const { pairingUrl } = await world().server.api.createPairingCode({ name: 'Guessed' });
    const { hostname, port } = new URL(pairingUrl.replace('pocketproxy:', 'https:'));
    const answers = [];
    const localAddress = `127.0.2.${++tries}`;
    for (let attempt = 0; attempt < 12; attempt++) {
      const phone = new RawPhone({ host: hostname, port: Number(port) });
      answers.push((await phone.claim(`WRONG-CODE-${attempt}`, { localAddress })).status);
    }
    expect(answers.slice(0, 10)).toEqual(Array(10).fill(404));
    expect(answers.slice(10)).toEqual([429, 429]);
  });

  test('says that a code has expired', { timeout: 60_000 }, async () => {
    const { server } = world();
    const { pairingUrl } = await server.api.createPairingCode({ name: 'Expired', expiresInMinutes: 1 });
    await server.end('SIGTERM');
    await server.launch({ NODE_OPTIONS: later(++tries * HALF_AN_HOUR_MS) });
    const result = await pair(pairingUrl, 'expired');
    expect(result.code).not.toBe(0);
    expect(result.output).toMatch(/expired/i);
  });
});
