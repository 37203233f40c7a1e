import { describe, expect, test } from 'vitest';
import { MALFORMED_HTTP2, RawPhone } from './clients/raw-phone.ts';
import { socketClosed } from './clients/socket-end.ts';
import { getThrough } from './clients/tunnelled.ts';
import { openDescriptors } from './harness/process-facts.ts';
import { until, within } from './harness/until.ts';
import { useWorld } from './harness/world.ts';

const SESSIONS = 1000;
const LIMIT_MS = 30_000;

describe('a paired phone that sends malformed HTTP/2', () => {
  const world = useWorld();

  async function hostilePhone(name: string): Promise<RawPhone> {
    return await RawPhone.pair((await world().server.api.createPairingCode({ name })).pairingUrl);
  }

  /** Resolves when the relay has closed the connection. */
  async function misbehave(phone: RawPhone, bytes: Buffer): Promise<void> {
    const socket = await phone.openTunnel();
    socket.resume();
    const closed = socketClosed(socket);
    socket.write(bytes);
    await closed;
  }

  test('is cut within 30 s, whatever it sends', { timeout: 60_000 }, async () => {
    const phone = await hostilePhone('Malformed');
    const cuts = Object.entries(MALFORMED_HTTP2).map(([what, make]) =>
      within(`the relay to cut a phone that sends ${what}`, LIMIT_MS, misbehave(phone, make())),
    );
    await Promise.all(cuts);
  });

  test(`leaves no descriptor behind after ${SESSIONS} sessions`, { timeout: 240_000 }, async () => {
    const { server, connection, origin } = world();
    const { pid } = server.child;
    const phone = await hostilePhone('Very malformed');
    const kinds = Object.values(MALFORMED_HTTP2);
    await misbehave(phone, kinds[0]!());
    await until('the device to be gone', async () => await isGone(server.api.devices(), 'Very malformed'));
    const before = await openDescriptors(pid);
    await within(
      'all sessions to be freed',
      LIMIT_MS + SESSIONS * 20,
      Promise.all(
        Array.from({ length: SESSIONS }, (_, index) => misbehave(phone, kinds[index % kinds.length]!())),
      ),
    );
    await until('descriptors to be back', async () => (await openDescriptors(pid)) <= before + 5);
    expect((await getThrough(connection, { host: '127.0.0.1', port: origin.port })).status).toBe(200);
  });
});

async function isGone(
  devices: Promise<readonly { readonly name: string; readonly status: string }[]>,
  name: string,
): Promise<boolean> {
  return (await devices).find((device) => device.name === name)?.status !== 'online';
}
