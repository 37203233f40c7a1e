import { join } from 'node:path';
import { runCommand } from '../../e2e/harness/run-command.ts';
import type { Lab } from '../../e2e/lab/lab.ts';
import { PLAN } from '../../e2e/lab/network-plan.ts';

const PORT = 1_195;
const DEVICE = 'plain0';

/** What our daemon and its clients have, too. */
const SHARED = [
  ...['--dev-type', 'tun', '--topology', 'subnet', '--data-ciphers', 'AES-256-GCM', '--disable-dco'],
  ...['--sndbuf', '0', '--rcvbuf', '0', '--mssfix', '1420', 'mtu', '--suppress-timestamps'],
];

/**
 * OpenVPN as it is set up everywhere: between the lab's customer and its VPS, which masquerades. Traffic to
 * `destination` takes it.
 */
export async function startPlainOpenVpn(lab: Lab, destination: string): Promise<void> {
  const { vps, customer } = lab.hosts;
  const server = await makeIdentity(lab.directory, 'plain-server');
  const client = await makeIdentity(lab.directory, 'plain-client');
  const daemon = vps.spawn(
    [
      ...['openvpn', '--server', '10.99.0.0', '255.255.0.0', '--port', String(PORT), '--proto', 'udp4'],
      ...['--dev', DEVICE, '--dh', 'none', '--fast-io', '--keepalive', '5', '20', ...SHARED],
      ...['--cert', server.certificate, '--key', server.key, '--peer-fingerprint', client.fingerprint],
    ],
    { name: 'plain server' },
  );
  await daemon.log.waitFor(/Initialization Sequence Completed/);
  await vps.run(['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
  await vps.nft(`table ip plain {
    chain nat {
      type nat hook postrouting priority srcnat;
      ip saddr 10.99.0.0/16 oifname "wan0" masquerade
    }
  }`);
  const connecting = customer.spawn(
    [
      ...['openvpn', '--client', '--remote', PLAN.vps.ip4, String(PORT), 'udp4', '--nobind', '--dev', DEVICE],
      ...['--route', destination, '255.255.255.255', 'vpn_gateway', ...SHARED],
      ...['--cert', client.certificate, '--key', client.key, '--peer-fingerprint', server.fingerprint],
    ],
    { name: 'plain client' },
  );
  await connecting.log.waitFor(/Initialization Sequence Completed/);
}

interface PlainIdentity {
  readonly certificate: string;
  readonly key: string;
  /** SHA-256 of the certificate. */
  readonly fingerprint: string;
}

async function makeIdentity(directory: string, name: string): Promise<PlainIdentity> {
  const certificate = join(directory, `${name}.crt`);
  const key = join(directory, `${name}.key`);
  await runCommand([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', key, '-out', certificate, '-days', '2', '-subj', `/CN=${name}`],
  ]);
  const printed = await runCommand([
    'openssl',
    'x509',
    '-in',
    certificate,
    '-noout',
    '-fingerprint',
    '-sha256',
  ]);
  return { certificate, key, fingerprint: printed.trim().split('=')[1]! };
}
