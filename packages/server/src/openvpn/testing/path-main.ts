import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { addressDnsAnswer, FlowError, parseDnsQuery, type UdpDatagram } from '@pocketproxy/protocol';
import { createLogger, RealClock } from '@pocketproxy/runtime';
import type { Access, Ingress } from '../../domain/ingress.ts';
import { vpnNetwork } from '../../domain/vpn.ts';
import { startVpnPath } from '../path/vpn-path.ts';
import { SessionTable } from '../session-table.ts';

/**
 * The path of VPN traffic without daemon and phone: flows end at a web server of this process, which tells where they
 * wanted to go; datagrams come back. Lines on standard input: `begin <address>`, `end <address>`, `stop`.
 */
const access: Access = { connectionId: 'c1', connectionName: 'Test', deviceId: 'd1' };
const web = createServer((request, response) => {
  if (request.url === '/endless') response.write('first bytes');
  else response.end(`${request.headers.host}\n`);
});
web.listen(0, '127.0.0.1');

const ingress: Ingress = {
  authenticate: () => {
    throw new FlowError('auth_required');
  },
  allowsWithoutPassword: () => false,
  openFlow: async ({ connectionId }, { host, port }) => {
    console.log(`flow ${connectionId} ${host}:${port}`);
    if (port === 25) throw new FlowError('destination_refused');
    const origin = connect((web.address() as AddressInfo).port, '127.0.0.1');
    origin.on('error', () => {});
    return {
      join: (client) => {
        const both = [pipeline(client, origin), pipeline(origin, client)];
        return Promise.allSettled(both).then(() => console.log(`closed ${host}:${port}`));
      },
      asStream: () => origin,
      abandon: () => origin.destroy(),
    };
  },
  openUdpAssociation: async (_access, onDatagram) => {
    console.log('association');
    let close = () => {};
    const closed = new Promise<void>((resolve) => {
      close = () => {
        console.log('association closed');
        resolve();
      };
    });
    const send = (datagram: UdpDatagram) => onDatagram(datagram);
    return { send, close, closed };
  },
};

const sessions = new SessionTable();
const stopPath = await startVpnPath({
  network: vpnNetwork('10.66.0.0/16'),
  sessions,
  ingress,
  names: {
    query: async (_access, message) =>
      addressDnsAnswer(message, parseDnsQuery(message)!, new Uint8Array([9, 9, 9, 9]), 1),
  },
  clock: new RealClock(),
  log: createLogger({ level: 'debug' }),
});
console.log('ready');
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  for (const line of text.trim().split('\n')) void obey(line);
});

async function obey(line: string): Promise<void> {
  const [order, address = ''] = line.split(' ');
  if (order === 'begin') sessions.begin(address, access);
  if (order === 'end') sessions.end(address);
  if (order === 'stop') {
    await stopPath();
    console.log('stopped');
    process.exit();
  }
  console.log(`done ${line}`);
}
