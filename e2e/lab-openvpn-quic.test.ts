import { createHash, X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { missingPrograms, needing } from './harness/programs.ts';
import { until } from './harness/until.ts';
import { useLabWorld } from './lab/lab-world.ts';
import { NAMES, PLAN, PORTS } from './lab/network-plan.ts';
import { PacketCapture } from './lab/packet-capture.ts';
import { VPN_UNAVAILABLE, VpnClient } from './lab/vpn-client.ts';
import { generatedChunks, generatedSha256 } from './origins/generated-bytes.ts';

const BROWSER = join(import.meta.dirname, 'vpn/quic-main.ts');
const CHROMIUM = '/usr/bin/chromium';
/** HTTP/3 server of ngtcp2. */
const QUIC_SERVER = 'gtlsserver';
const BYTES = 8 * 1024 ** 2;
const PROGRAMS = ['chromium', QUIC_SERVER];

const unavailable = VPN_UNAVAILABLE !== null || missingPrograms(...PROGRAMS).length > 0;

describe.skipIf(unavailable)(needing('QUIC through OpenVPN', ...PROGRAMS), () => {
  const world = useLabWorld({ vpn: true });

  async function usedBytes(): Promise<number> {
    const { server, connection } = world();
    return ((await server.api.connection(connection.id)) as unknown as { usedBytes: number }).usedBytes;
  }

  /** Starts a server of one file; answers its URL. */
  async function serve(): Promise<string> {
    const { lab } = world();
    const { certificate, key } = lab.certificates;
    const folder = join(lab.directory, 'quic');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'key.pem'), key);
    await writeFile(join(folder, 'certificate.pem'), certificate);
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>QUIC</title>');
    await writeFile(join(folder, 'content'), generatedChunks('quic', BYTES));
    lab.hosts.internet.spawn([
      ...[QUIC_SERVER, '--quiet', '--htdocs', folder, PLAN.web.ip4, String(PORTS.https)],
      ...[join(folder, 'key.pem'), join(folder, 'certificate.pem')],
    ]);
    await until('the server to listen', async () => {
      const { stdout } = await lab.hosts.internet.exec(['ss', '-Huln', `sport = :${PORTS.https}`]);
      return stdout.includes(PLAN.web.ip4);
    });
    return `https://${NAMES.web4}/content`;
  }

  test('brings a file to Chromium over HTTP/3, unharmed, by the phone, and is counted', async () => {
    const { lab, connection } = world();
    const url = await serve();
    const { customer, phone } = lab.hosts;
    await writeFile(`/etc/netns/${customer.namespace}/resolv.conf`, 'nameserver 10.66.0.1\n');
    const client = await VpnClient.start(customer, connection.ovpn!, null);
    await client.connected();
    const capture = await PacketCapture.start(
      phone,
      'rmnet0',
      `udp and dst ${PLAN.web.ip4} and dst port 443`,
    );
    const keyHash = createHash('sha256')
      .update(
        new X509Certificate(lab.certificates.certificate).publicKey.export({ type: 'spki', format: 'der' }),
      )
      .digest('base64');
    const output = await customer.run([process.execPath, BROWSER, CHROMIUM, url, keyHash], {
      withinMs: 50_000,
    });
    expect(JSON.parse(output)).toEqual({
      protocol: 'h3',
      bytes: BYTES,
      sha256: generatedSha256('quic', BYTES),
    });
    expect(capture.packets[0]).toContain(` ${lab.mobile.ip4}.`);
    await until('the bytes to be stored', async () => (await usedBytes()) >= BYTES);
    // Each byte once, with the headers and acknowledgements of QUIC, which are the customer's traffic, too.
    expect(await usedBytes()).toBeLessThan(BYTES * 1.15);
  });
});
