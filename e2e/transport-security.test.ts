import { once } from 'node:events';
import { connect, type SecureVersion } from 'node:tls';
import { expect, test } from 'vitest';
import { useWorld } from './harness/world.ts';

const world = useWorld();

/** As an old client would: OpenSSL itself offers nothing below TLS 1.2 without this. */
const OLD_CIPHERS = 'ALL:@SECLEVEL=0';

/** The version that a port agrees to when it is offered this one alone; `null` when it refuses. */
async function agreed(port: number, version: SecureVersion, protocols?: string[]): Promise<string | null> {
  const socket = connect({
    ...{ host: '127.0.0.1', port, minVersion: version, maxVersion: version, rejectUnauthorized: false },
    ...(protocols && { ALPNProtocols: protocols }),
    ...(version < 'TLSv1.2' && { ciphers: OLD_CIPHERS }),
  });
  socket.on('error', () => {});
  try {
    return await Promise.race([
      once(socket, 'secureConnect').then(() => socket.getProtocol()),
      once(socket, 'close').then(() => null),
    ]).catch(() => null);
  } finally {
    socket.destroy();
  }
}

test('a connection’s port speaks TLS 1.2 and later', async () => {
  const { port } = world().connection;
  expect(await agreed(port, 'TLSv1.3')).toBe('TLSv1.3');
  expect(await agreed(port, 'TLSv1.2')).toBe('TLSv1.2');
  expect(await agreed(port, 'TLSv1.1')).toBeNull();
  expect(await agreed(port, 'TLSv1')).toBeNull();
});

test.each(['pocketproxy/1', 'http/1.1'])('the tunnel’s port speaks TLS 1.3 alone (%s)', async (protocol) => {
  const { tunnel } = world().server.ports;
  expect(await agreed(tunnel, 'TLSv1.3', [protocol])).toBe('TLSv1.3');
  for (const version of ['TLSv1.2', 'TLSv1.1', 'TLSv1'] as const) {
    expect(await agreed(tunnel, version, [protocol]), version).toBeNull();
  }
});
