import type { RequestListener } from 'node:http';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceEgress } from './device-egress.ts';
import { makeEgress } from './testing/egress-fixture.ts';
import { TestAuthority, TestRelay } from './testing/test-relay.ts';

describe('the exit address', () => {
  let authority: TestAuthority;
  let relay: TestRelay;
  let egress: DeviceEgress;

  beforeAll(async () => {
    authority = await TestAuthority.create();
  });
  afterEach(async () => {
    relay.close();
    await egress.close();
  });

  async function start(serve: RequestListener, ca = authority.pem): Promise<void> {
    relay = await TestRelay.start(authority, serve);
    egress = makeEgress({ relay: { host: '127.0.0.1', port: relay.port, ca } });
  }

  it('is what the echo endpoint of the relay sees', async () => {
    await start((request, response) => {
      response.end(request.url === '/echo' ? JSON.stringify({ ip: '198.51.100.7' }) : '{}');
    });
    expect(await egress.exitIp()).toBe('198.51.100.7');
  });

  it('is taken from nobody but the relay of the pinned CA', async () => {
    const stranger = await TestAuthority.create();
    let asked = 0;
    await start((_request, response) => {
      asked += 1;
      response.end('{"ip":"198.51.100.7"}');
    }, stranger.pem);
    await expect(egress.exitIp()).rejects.toMatchObject({ code: 'egress_unavailable' });
    expect(asked).toBe(0);
  });

  it.each([
    ['an error', 500, '{}'],
    ['no JSON', 200, '<html>'],
    ['no address', 200, '{"ip":"unknown"}'],
    ['too much', 200, `{"ip":"${' '.repeat(100_000)}"}`],
  ])('is not known when the answer is %s', async (_what, status, body) => {
    await start((_request, response) => response.writeHead(status).end(body));
    await expect(egress.exitIp()).rejects.toMatchObject({ code: 'egress_unavailable' });
  });

  it('is not known when the relay cannot be reached', async () => {
    await start(() => {});
    relay.close();
    await expect(egress.exitIp()).rejects.toMatchObject({ code: 'connection_refused' });
  });
});
