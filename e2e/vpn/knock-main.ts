/**
 * Knocks at many destinations at once, as a program of a customer would. Standard input: JSON lines of
 * `{hosts, port}`. For each line it connects to every host by TCP, sends every host a datagram from one socket, waits for
 * a datagram to come back from an echo server, which has passed everything before it, and prints `{answered, echo}`:
 * hosts that sent a byte, and whether the echo came. Arguments: host and port of the echo server.
 */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

interface Knocks {
  readonly hosts: readonly string[];
  readonly port: number;
}

const [echoHost = '', echoPort = '0'] = process.argv.slice(2);
const AT_A_TIME = 50;
const GIVE_UP_MS = 1_500;
/** From its first sending on; it is sent again until it comes back, since datagrams get lost. */
const ECHO_MS = 10_000;
const ECHO_AGAIN_MS = 250;

/** Whether anything was heard from there. */
function knockByTcp(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let heard = false;
    socket.on('connect', () => socket.write('knock\n'));
    socket.on('data', () => {
      heard = true;
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
    setTimeout(() => socket.destroy(), GIVE_UP_MS).unref();
  });
}

/** Answers whether the echo of the last datagram came, and nothing else. */
async function knockByUdp({ hosts, port }: Knocks): Promise<{ echo: boolean; heard: string[] }> {
  const [udp4, udp6] = [createSocket('udp4'), createSocket('udp6')] as const;
  const heard: string[] = [];
  const echo = Promise.withResolvers<boolean>();
  udp4.on('message', (message, { address }) => {
    if (address === echoHost && message.toString() === 'last') echo.resolve(true);
    else heard.push(address);
  });
  udp6.on('message', (_message, { address }) => heard.push(address));
  for (const socket of [udp4, udp6]) socket.on('error', () => {});
  const send = (socket: typeof udp4, host: string) =>
    new Promise<void>((done) => socket.send('knock', port, host, () => done()));
  await new Promise<void>((done) => udp4.bind(0, done));
  udp4.setBroadcast(true);
  for (const host of hosts) await Promise.all([send(udp4, host), send(udp6, host)]);
  const sendLast = () => udp4.send('last', Number(echoPort), echoHost);
  sendLast();
  const again = setInterval(sendLast, ECHO_AGAIN_MS);
  const late = setTimeout(() => echo.resolve(false), ECHO_MS);
  const came = await echo.promise;
  clearInterval(again);
  clearTimeout(late);
  udp4.close();
  udp6.close();
  return { echo: came, heard };
}

async function knock(knocks: Knocks): Promise<void> {
  const answered: string[] = [];
  for (let at = 0; at < knocks.hosts.length; at += AT_A_TIME) {
    const batch = knocks.hosts.slice(at, at + AT_A_TIME);
    const heard = await Promise.all(batch.map((host) => knockByTcp(host, knocks.port)));
    answered.push(...batch.filter((_, index) => heard[index]));
  }
  const { echo, heard } = await knockByUdp(knocks);
  console.log(JSON.stringify({ answered: [...answered, ...heard], echo }));
}

for await (const line of createInterface({ input: process.stdin })) await knock(JSON.parse(line) as Knocks);
process.exit(0);
