/**
 * A SOCKS5 UDP client that is told by JSON lines what to do, to run on another host of the lab:
 * `node udp-client-main.ts <proxy as JSON>`; it prints `{"event":...}` lines.
 */
import { createInterface } from 'node:readline';
import type { SocksProxy, SocksTarget } from './socks-client.ts';
import { SocksUdp } from './socks-udp.ts';

/** What standard input may say. */
export type UdpOrder =
  | { readonly do: 'send'; readonly to: SocksTarget; readonly text: string }
  /** Closes the TCP connection, and goes on holding the UDP socket. */
  | { readonly do: 'end-control' };

function tell(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

const client = await SocksUdp.open(JSON.parse(process.argv[2] ?? '') as SocksProxy);
client.onDatagram(({ host, port, data }) =>
  tell({ event: 'received', host, port, text: data.toString('utf8') }),
);
client.control.once('close', () => tell({ event: 'control-closed' }));
tell({ event: 'open', relay: client.relay, localPort: client.localPort });

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as UdpOrder;
  if (order.do === 'send') client.send(order.to, order.text);
  else client.control.destroy();
}
client.close();
