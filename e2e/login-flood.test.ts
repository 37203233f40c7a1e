import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ATTEMPTS } from './clients/proxy-attempts.ts';
import { authorizationField, basic, RawHttp } from './clients/raw-http.ts';
import type { NewConnection } from './harness/api-client.ts';
import { callHttp } from './harness/http-call.ts';
import { useWorld } from './harness/world.ts';

const PER_SECOND = 100;
const FLOOD_MS = 5_000;
const LOOP_P99_MS = 50;
const LOOKUP_MS = 200;
/** A real browser would do as many for a page. */
const LOOKUPS = 40;

describe('a hundred wrong passwords a second', () => {
  const world = useWorld();
  let attacked: NewConnection;
  let stop = () => {};

  beforeAll(async () => {
    // Chosen passwords are checked by bcrypt, which is what an attacker would want to keep busy.
    attacked = await world().connect('Attacked', { password: 'correct horse battery' });
  });
  afterEach(() => stop());

  const target = () => ({ host: 'localhost', port: world().origin.port });

  const FLOODS: Readonly<Record<string, (attempt: number) => Promise<unknown>>> = {
    // A user name of its own for each, so that no limit of attempts spares the work.
    'at the API': (attempt) =>
      callHttp(
        { host: '127.0.0.1', port: world().server.ports.http },
        {
          ...{ method: 'POST', path: '/api/v1/auth/login' },
          // A reverse proxy on this host says whom it speaks for; each attempt comes from somewhere else.
          headers: {
            'content-type': 'application/json',
            'x-forwarded-for': `203.${attempt % 200}.${(attempt >> 3) % 250}.7`,
          },
          body: JSON.stringify({ email: `user${attempt}@lab.example`, password: 'wrong' }),
        },
      ),
    'at a port': (attempt) =>
      ATTEMPTS.SOCKS5!(
        { port: attacked.port, credentials: { username: `user${attempt}`, password: `wrong ${attempt}` } },
        target(),
      ),
  };

  test.each(Object.keys(FLOODS))('%s neither stop the event loop nor name lookups', async (where) => {
    const flood = startFlood(FLOODS[where]!);
    // The first scrape begins the measurement.
    await loopDelayP99Ms();
    const lookups: number[] = [];
    const end = performance.now() + FLOOD_MS;
    while (performance.now() < end) {
      lookups.push(await timeOfFlowByName());
      await delay(FLOOD_MS / LOOKUPS);
    }
    const p99 = await loopDelayP99Ms();
    await flood.stop();
    console.log(
      `${where}: ${flood.made} attempts, loop p99 ${p99.toFixed(1)} ms, lookup max ${Math.max(...lookups).toFixed(0)} ms`,
    );
    expect(flood.made).toBeGreaterThan((PER_SECOND * FLOOD_MS * 0.95) / 1_000);
    expect(p99).toBeLessThanOrEqual(LOOP_P99_MS);
    expect(percentile(lookups, 0.99)).toBeLessThanOrEqual(LOOKUP_MS);
  });

  function startFlood(attempt: (index: number) => Promise<unknown>) {
    const under = new Set<Promise<unknown>>();
    const flood = {
      made: 0,
      stop: async () => {
        clearInterval(timer);
        await Promise.all(under);
      },
    };
    const begin = performance.now();
    const timer = setInterval(() => {
      // As many as are due: on a busy machine timers are late.
      const due = ((performance.now() - begin) / 1_000) * PER_SECOND;
      while (flood.made < due) {
        const one = attempt(flood.made++).catch(() => {});
        under.add(one);
        void one.then(() => under.delete(one));
      }
    }, 1_000 / PER_SECOND);
    stop = () => clearInterval(timer);
    return flood;
  }

  /** Milliseconds from a request by name to the open flow; the phone looks the name up. */
  async function timeOfFlowByName(): Promise<number> {
    const { connection } = world();
    const client = await RawHttp.open(connection.port);
    const begin = performance.now();
    const { host, port } = target();
    client.send(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n`);
    client.send(`${authorizationField(basic(connection))}\r\n`);
    expect((await client.answer()).status).toBe(200);
    client.close();
    return performance.now() - begin;
  }

  /** Of the server's event loop since the last call, by its own metrics. */
  async function loopDelayP99Ms(): Promise<number> {
    const { body } = await world().server.api.raw('GET', '/metrics');
    const seconds = /^nodejs_eventloop_lag_p99_seconds ([\d.e+-]+)$/m.exec(body)?.[1];
    if (seconds === undefined) throw new Error('The metrics have no event loop lag');
    return Number(seconds) * 1_000;
  }
});

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)]!;
}
