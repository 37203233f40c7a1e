/**
 * The servers of the lab's internet host, as one process inside its namespace. Tests talk to it over a Unix socket,
 * which works across network namespaces: `node main.ts <control socket> <certificates.json>`.
 */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { NAMES, PHONE_ZONE, PLAN, PORTS } from '../lab/network-plan.ts';
import { serveControl } from './control.ts';
import { DnsOrigin } from './dns-origin.ts';
import { GitOrigin } from './git-origin.ts';
import type { LabCertificates } from './lab-ca.ts';
import { UdpEcho } from './udp-echo.ts';
import { WebOrigin } from './web-origin.ts';

const [controlPath, certificatesPath] = process.argv.slice(2);
if (controlPath === undefined || certificatesPath === undefined) throw new TypeError('Arguments are missing');

const tls = JSON.parse(await readFile(certificatesPath, 'utf8')) as LabCertificates;
// Beside the socket: that folder is removed with the lab, however this process ends.
const git = await GitOrigin.create(dirname(controlPath));

const web: WebOrigin[] = [];
for (const host of [PLAN.web.ip4, PLAN.web.ip6]) {
  web.push(await WebOrigin.start({ host, port: PORTS.http, git }));
  web.push(await WebOrigin.start({ host, port: PORTS.https, tls, git }));
}
const phoneDns: DnsOrigin[] = [];
for (const host of [PLAN.dns.ip4, PLAN.dns.ip6])
  phoneDns.push(await DnsOrigin.start(PHONE_ZONE, host, PORTS.dns));
const otherDns: DnsOrigin[] = [];
for (const host of [PLAN.otherDns.ip4, PLAN.otherDns.ip6])
  otherDns.push(await DnsOrigin.start({}, host, PORTS.dns));
const echo: UdpEcho[] = [];
for (const host of [PLAN.echo.ip4, PLAN.echo.ip6]) echo.push(await UdpEcho.start(host, PORTS.udpEcho));
const stranger = await UdpEcho.start(PLAN.stranger.ip4, PORTS.udpEcho);

await serveControl(controlPath, {
  requests: () => web.flatMap((origin) => origin.requests),
  'phone-questions': () => phoneDns.flatMap((origin) => origin.questions),
  'other-questions': () => otherDns.flatMap((origin) => origin.questions),
  'echo-received': () => echo.flatMap((origin) => origin.received),
  'stranger-sends': async ({ host, port, base64 }) => {
    await stranger.send(Buffer.from(String(base64), 'base64'), Number(port), String(host));
    return true;
  },
  'set-zone': (zone) => {
    for (const origin of phoneDns) origin.zone = { ...PHONE_ZONE, ...(zone as typeof PHONE_ZONE) };
    return true;
  },
});
process.stdout.write(`ready, serving ${NAMES.web}\n`);
