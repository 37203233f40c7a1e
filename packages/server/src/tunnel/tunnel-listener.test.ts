import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { CertificateAuthority } from './certificate-authority.ts';
import { TunnelListener } from './tunnel-listener.ts';

const stops: Array<() => Promise<void> | void> = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function setUp() {
  const clock = new FakeClock(Date.now());
  const directory = await mkdtemp(join(tmpdir(), 'pp-tunnel-'));
  stops.push(() => rm(directory, { recursive: true }));
  const now = new Date(clock.now());
  const authority = await CertificateAuthority.open(directory, now);
  const listener = new TunnelListener({
    ...{ host: '127.0.0.1', port: 0, authority, clock, log: silentLogger() },
    identity: await authority.issueServerIdentity(['relay.test'], now),
    onDevice: (socket) => socket.destroy(),
    onPair: (request, response) => {
      request.on('end', () => response.end('paired'));
      request.resume();
    },
  });
  const port = await listener.listen();
  stops.push(() => {
    listener.stopAccepting();
    listener.destroySockets();
  });
  const connect = async () => {
    const options = { host: '127.0.0.1', port, ca: authority.certificatePem, servername: 'relay.test' };
    const socket = tls.connect({ ...options, ALPNProtocols: ['http/1.1'] });
    const client = { socket, closed: false, text: '' };
    socket.on('error', () => {});
    socket.on('close', () => {
      client.closed = true;
    });
    socket.on('data', (chunk) => {
      client.text += chunk;
    });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    // The relay sends its session tickets when it has taken the socket in.
    await new Promise((resolve) => socket.once('session', resolve));
    return client;
  };
  return { clock, connect };
}

describe('the tunnel port, by HTTP', () => {
  it('cuts a client that says nothing, or never ends its request, after ten seconds', async () => {
    const { clock, connect } = await setUp();
    const silent = await connect();
    const slow = await connect();
    slow.socket.write('POST /pair HTTP/1.1\r\nHost: relay\r\nContent-Length: 100\r\n\r\n{"code"');
    const done = await connect();
    done.socket.write('GET /echo HTTP/1.1\r\nHost: relay\r\n\r\n');
    await expect.poll(() => done.text).toContain('"ip":"127.0.0.1"');
    clock.advance(9_999);
    expect([silent.closed, slow.closed]).toEqual([false, false]);
    clock.advance(1);
    await expect.poll(() => [silent.closed, slow.closed]).toEqual([true, true]);
  });
});
