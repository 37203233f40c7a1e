/**
 * A customer's programs that never rest: `restless-main.ts <resolver> <IPv4> <IPv6>` tries TCP, UDP and names, over both
 * families, every 20 ms whatever comes of it, and prints `ready` after the first round.
 */
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns';
import { connect } from 'node:net';

const [resolver = '', ip4 = '', ip6 = ''] = process.argv.slice(2);
const EVERY_MS = 20;
const GIVE_UP_MS = 500;
const PORTS = { http: 80, echo: 7 };

const names = new Resolver({ timeout: GIVE_UP_MS, tries: 1 });
names.setServers([resolver]);
const udp4 = createSocket('udp4');
const udp6 = createSocket('udp6');
for (const socket of [udp4, udp6]) socket.on('error', () => {});
let rounds = 0;

function tryTcp(host: string): void {
  const socket = connect({ host, port: PORTS.http });
  socket.setTimeout(GIVE_UP_MS, () => socket.destroy());
  socket.on('connect', () => socket.destroy());
  socket.on('error', () => {});
}

setInterval(() => {
  rounds += 1;
  tryTcp(ip4);
  tryTcp(ip6);
  udp4.send(`${rounds}`, PORTS.echo, ip4, () => {});
  udp6.send(`${rounds}`, PORTS.echo, ip6, () => {});
  names.resolve4(`restless-${rounds}.lab-origin.net`, () => {});
  if (rounds === 1) console.log('ready');
}, EVERY_MS);
