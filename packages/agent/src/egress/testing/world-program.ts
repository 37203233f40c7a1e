/**
 * The servers of the lab's world: TCP, UDP and DNS on one address each of IPv4 and IPv6. Each line on standard input
 * is answered with what they have seen since the last one.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { TestDnsServer } from './dns-server.ts';

const PORT = 8080;
const [ip4 = '', ip6 = ''] = process.argv.slice(2);
let seen: string[] = [];

for (const host of [ip4, ip6]) {
  createServer((socket) => {
    socket.on('error', () => {});
    seen.push(`tcp ${socket.remoteAddress}`);
    // Never read: what the phone writes soon waits in its kernel.
    socket.pause();
  }).listen(PORT, host);
  const udp = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', ipv6Only: host.includes(':') });
  udp.on('message', (data, from) => {
    seen.push(`udp ${from.address}`);
    udp.send(data, from.port, from.address);
  });
  udp.bind(PORT, host);
}
await TestDnsServer.start(
  (_name, type, _asked, from) => {
    seen.push(`dns ${from.address}`);
    return { addresses: [type === 'A' ? ip4 : ip6], ttl: 0 };
  },
  ip4,
  53,
);

for await (const _line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ seen }));
  seen = [];
}
process.exit(0);
