import type { Socket } from 'node:net';
import type { NewConnection } from '../harness/api-client.ts';
import { ByteReader } from './byte-reader.ts';
import { dial } from './dial.ts';
import { authorizationField, basic, RawHttp } from './raw-http.ts';
import { socketClosed } from './socket-end.ts';
import { socks5 } from './socks-client.ts';
import { SocksUdp } from './socks-udp.ts';
import type { Endpoint } from './tunnelled.ts';

/** Where transfers of a test go. */
export interface TransferOrigins {
  /** Serves `/endless`. */
  readonly web: Endpoint;
  /** Echoes datagrams. */
  readonly udp: Endpoint;
}

/** Whose transfer it is; without a password, the client's address has to do. */
export type Customer = Pick<NewConnection, 'port' | 'username'> & { readonly password: string | null };

/** A download that does not end by itself. */
export interface Transfer {
  /** Bytes that have arrived so far. */
  readonly received: number;
  /** Resolves when the proxy ended it. */
  readonly ended: Promise<unknown>;
  close(): void;
}

type Start = (customer: Customer, origins: TransferOrigins) => Promise<Transfer>;

const HOST = '127.0.0.1';
const DATAGRAM = Buffer.alloc(1_000);
/** Datagrams that are under way at a time; each answer is followed by the next question. */
const DATAGRAMS_UNDER_WAY = 16;
const DATAGRAM_RETRY_MS = 50;

function get({ host, port }: Endpoint, uri = '/endless', fields = ''): string {
  return `GET ${uri} HTTP/1.1\r\nHost: ${host}:${port}\r\n${fields}\r\n`;
}

function credentialsOf({ username, password }: Customer) {
  return password === null ? null : { username, password };
}

function counted(socket: Socket): Transfer {
  let received = 0;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  return {
    get received() {
      return received;
    },
    ended: socketClosed(socket),
    close: () => socket.destroy(),
  };
}

function checkAnswer(answer: string | number | undefined, expected: string | number): void {
  if (answer !== expected) throw new Error(`The proxy answered with ${answer}`);
}

const overConnect: Start = async (customer, { web }) => {
  const client = await RawHttp.open(customer.port);
  const credentials = credentialsOf(customer);
  const answer = await client.connect(`${web.host}:${web.port}`, credentials && basic(credentials));
  checkAnswer(answer.status, 200);
  client.reader.discard();
  client.send(get(web));
  return counted(client.socket);
};

const overForward: Start = async (customer, { web }) => {
  const client = await RawHttp.open(customer.port);
  const credentials = credentialsOf(customer);
  const fields = authorizationField(credentials && basic(credentials));
  client.send(get(web, `http://${web.host}:${web.port}/endless`, fields));
  checkAnswer((await client.answer()).status, 200);
  client.reader.discard();
  return counted(client.socket);
};

const overSocks5: Start = async (customer, { web }) => {
  const { port } = customer;
  const { socket, reader, reply } = await socks5(
    { host: HOST, port, ...credentialsOf(customer) },
    'connect',
    web,
  );
  checkAnswer(reply.code, 0);
  reader.discard();
  socket.write(get(web));
  return counted(socket);
};

const overSocks4: Start = async (customer, { web }) => {
  const socket = await dial({ host: HOST, port: customer.port });
  const reader = new ByteReader(socket);
  const { username, password } = customer;
  const user = password === null ? '' : `${username}:${password}`;
  const head = Buffer.from([4, 1, web.port >> 8, web.port & 0xff, 0, 0, 0, 1]);
  socket.write(Buffer.concat([head, Buffer.from(`${user}\0${web.host}\0`)]));
  checkAnswer((await reader.read(8))[1], 0x5a);
  reader.discard();
  socket.write(get(web));
  return counted(socket);
};

const overUdp: Start = async (customer, { udp: echo }) => {
  const { port } = customer;
  const udp = await SocksUdp.open({ host: HOST, port, ...credentialsOf(customer) });
  let received = 0;
  const ask = () => udp.send(echo, DATAGRAM);
  udp.onDatagram((datagram) => {
    udp.received.length = 0;
    received += datagram.data.length;
    ask();
  });
  const ended = socketClosed(udp.control);
  // What a limit or the network dropped is asked again, so that the transfer goes on.
  const timer = setInterval(() => {
    for (let i = 0; i < DATAGRAMS_UNDER_WAY; i += 1) ask();
  }, DATAGRAM_RETRY_MS);
  ended.then(() => clearInterval(timer));
  return {
    get received() {
      return received;
    },
    ended,
    close: () => {
      clearInterval(timer);
      udp.close();
    },
  };
};

/** An endless download over each protocol. @throws {Error} with the answer when the proxy refuses */
export const TRANSFERS: Readonly<Record<string, Start>> = {
  'HTTP CONNECT': overConnect,
  'absolute-form HTTP': overForward,
  SOCKS5: overSocks5,
  SOCKS4a: overSocks4,
  'SOCKS5 UDP': overUdp,
};
