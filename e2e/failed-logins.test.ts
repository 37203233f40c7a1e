import { beforeAll, describe, expect, test } from 'vitest';
import { ATTEMPTS, type Claim } from './clients/proxy-attempts.ts';
import type { NewConnection } from './harness/api-client.ts';
import { inMs, tellFigure } from './harness/tell-figure.ts';
import { useWorld } from './harness/world.ts';

const LOOPED = ['HTTP CONNECT', 'SOCKS5', 'SOCKS4a'] as const;
type Looped = (typeof LOOPED)[number];

const DENIED: Readonly<Record<Looped, RegExp>> = {
  'HTTP CONNECT': /^407$/,
  SOCKS5: /^auth failure$/,
  SOCKS4a: /^reply 91$/,
};
const FAILURES = 10;

describe('ten wrong passwords within a minute', () => {
  const world = useWorld();
  let bystander: NewConnection;

  beforeAll(async () => {
    bystander = await world().connect('Bystander');
  });

  const target = () => ({ host: '127.0.0.1', port: world().origin.port });

  function claim(
    { port, username, password }: NewConnection,
    wrong: { password?: string; username?: string } = {},
  ): Claim {
    return { port, credentials: { username, password, ...wrong } };
  }

  test.each(LOOPED)(
    'over %s block the right one over every protocol, and look no different',
    async (protocol) => {
      const connection = await world().connect(`Attacked over ${protocol}`);
      const answers = new Set<string>();
      for (let i = 0; i < FAILURES - 1; i += 1) {
        answers.add(await ATTEMPTS[protocol]!(claim(connection, { password: `guess ${i}` }), target()));
      }
      expect(await ATTEMPTS[protocol]!(claim(connection), target())).toBe('reached');
      answers.add(await ATTEMPTS[protocol]!(claim(connection, { password: 'the tenth' }), target()));
      for (let i = 0; i < 5; i += 1) {
        answers.add(await ATTEMPTS[protocol]!(claim(connection, { password: `late ${i}` }), target()));
      }
      for (const other of LOOPED) {
        expect(await ATTEMPTS[other]!(claim(connection), target()), other).toMatch(DENIED[other]);
      }
      expect([...answers]).toEqual([expect.stringMatching(DENIED[protocol])]);
      expect(await ATTEMPTS[protocol]!(claim(bystander), target())).toBe('reached');
    },
  );

  test('for a user that does not exist block nobody else', async () => {
    const connection = await world().connect('Guessed at');
    for (let i = 0; i < 2 * FAILURES; i += 1) {
      const wrong = { username: `nobody-${i % 2}`, password: 'x' };
      expect(await ATTEMPTS.SOCKS5!(claim(connection, wrong), target())).toBe('auth failure');
    }
    expect(await ATTEMPTS.SOCKS5!(claim(connection), target())).toBe('reached');
  });

  test('take the same time for users that exist and users that do not', { timeout: 120_000 }, async () => {
    // Chosen passwords are checked by a slow hash, where a difference would be seen.
    const chosen = 'correct horse battery';
    const times = { known: [] as number[], unknown: [] as number[] };
    for (let round = 0; round < 2; round += 1) {
      const connection = await world().connect(`Timed ${round}`, { password: chosen });
      for (let i = 0; i < FAILURES - 1; i += 1) {
        for (const [kind, username] of [
          ['known', connection.username],
          ['unknown', 'nobody'],
        ] as const) {
          const begin = performance.now();
          await ATTEMPTS.SOCKS5!(claim(connection, { username, password: `${kind} ${i}` }), target());
          times[kind].push(performance.now() - begin);
        }
      }
    }
    const [known, unknown] = [median(times.known), median(times.unknown)];
    tellFigure(17, `known users ${inMs(known)}, unknown ones ${inMs(unknown)}`);
    expect(unknown / known).toBeGreaterThan(0.7);
    expect(unknown / known).toBeLessThan(1.4);
  });
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
