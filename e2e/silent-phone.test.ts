import { afterEach, describe, expect, test } from 'vitest';
import { basic, RawHttp } from './clients/raw-http.ts';
import { getThrough } from './clients/tunnelled.ts';
import { until, within } from './harness/until.ts';
import { useWorld } from './harness/world.ts';

/** A silent phone must be found out within this time. */
const LIMIT_MS = 30_000;

describe('a phone that falls silent', () => {
  const world = useWorld();

  afterEach(() => world().agent.child.signal('SIGCONT'));

  test('is unusable within 30 s, and is back when it speaks again', { timeout: 90_000 }, async () => {
    const { agent, connection, origin } = world();
    agent.child.signal('SIGSTOP');
    const stoppedAt = performance.now();
    // A request that is under way when the phone is found out gets its answer then.
    const waiting = await RawHttp.open(connection.port);
    const answer = await within(
      'the waiting request to be answered',
      LIMIT_MS,
      waiting.connect(`127.0.0.1:${origin.port}`, basic(connection)),
    );
    expect(answer.head).toMatch(/^HTTP\/1.1 50[34] /);
    await until(
      'new requests to be refused',
      () => isRefusedAtOnce(),
      LIMIT_MS - (performance.now() - stoppedAt),
    );
    await until('the phone to be reconnecting', async () => (await agent.status()) === 'reconnecting');

    agent.child.signal('SIGCONT');
    await agent.online(30_000);
    expect((await getThrough(connection, { host: '127.0.0.1', port: origin.port })).status).toBe(200);
  });

  async function isRefusedAtOnce(): Promise<boolean> {
    const { connection, origin } = world();
    const client = await RawHttp.open(connection.port);
    const answer = await client.connect(`127.0.0.1:${origin.port}`, basic(connection));
    client.close();
    return answer.status === 503;
  }
});
