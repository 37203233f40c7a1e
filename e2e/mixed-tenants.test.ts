import { expect, test } from 'vitest';
import type { ByteReader } from './clients/byte-reader.ts';
import { authorizationField, basic, RawHttp } from './clients/raw-http.ts';
import { socks5 } from './clients/socks-client.ts';
import { openTunnel } from './clients/tunnelled.ts';
import type { NewConnection } from './harness/api-client.ts';
import { rounds } from './harness/effort.ts';
import { useWorld } from './harness/world.ts';
import { generatedChunks } from './origins/generated-bytes.ts';

const TRANSFERS = rounds(2_000, 10_000);
const WORKERS = 24;
/** Bytes of a transfer: fits into one packet, or does not. */
const MAX_LENGTH = 6_000;

const world = useWorld();

/** Gets one path from the origin, over a connection's port. Answers the body. */
type Transfer = (connection: NewConnection, path: string) => Promise<Buffer>;

const origin = () => ({ host: '127.0.0.1', port: world().origin.port });

const TRANSFER: Readonly<Record<string, Transfer>> = {
  'HTTP CONNECT': async (connection, path) => {
    const client = await openTunnel(connection, origin());
    client.send(`GET ${path} HTTP/1.1\r\nHost: origin\r\nConnection: close\r\n\r\n`);
    return await bodyOf(client.reader, () => client.close());
  },
  // The relay may keep connections to origins: those of one customer must not serve another.
  'absolute-form HTTP': async (connection, path) => {
    const client = await RawHttp.open(connection.port);
    const host = `127.0.0.1:${world().origin.port}`;
    const credentials = authorizationField(basic(connection));
    client.send(
      `GET http://${host}${path} HTTP/1.1\r\nHost: ${host}\r\n${credentials}Connection: close\r\n\r\n`,
    );
    return await bodyOf(client.reader, () => client.close());
  },
  SOCKS5: async (connection, path) => {
    const { socket, reader } = await socks5({ host: '127.0.0.1', ...connection }, 'connect', origin());
    socket.write(`GET ${path} HTTP/1.1\r\nHost: origin\r\nConnection: close\r\n\r\n`);
    return await bodyOf(reader, () => socket.destroy());
  },
};

async function bodyOf(reader: ByteReader, close: () => void): Promise<Buffer> {
  try {
    const head = await reader.readTo('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    return await reader.read(Number(/content-length: (\d+)/i.exec(head)?.[1]));
  } finally {
    close();
  }
}

/** Two customers, each with a connection of its own on the one phone. */
async function tenants(): Promise<readonly NewConnection[]> {
  const { api } = world().server;
  return await Promise.all(
    ['A', 'B'].map(async (name) => {
      const { id: organizationId } = await api.call<{ id: string }>('POST', '/organizations', { name });
      return await world().connect(`Access of ${name}`, { organizationId });
    }),
  );
}

test(`of ${TRANSFERS} tagged transfers of two customers over one phone, not one byte is mixed up`, {
  timeout: 300_000,
}, async () => {
  const connections = await tenants();
  const ways = Object.entries(TRANSFER);
  let next = 0;
  const wrong: string[] = [];
  const worker = async () => {
    for (let number = next++; number < TRANSFERS; number = next++) {
      const tenant = number % connections.length;
      const [way, transfer] = ways[Math.floor(number / connections.length) % ways.length]!;
      const tag = `tenant-${tenant}-transfer-${number}`;
      const length = 1 + ((number * 2_654_435_761) % MAX_LENGTH);
      const body = await transfer(connections[tenant]!, `/bytes/${length}?seed=${tag}`);
      if (!body.equals(Buffer.concat([...generatedChunks(tag, length)]))) wrong.push(`${tag} over ${way}`);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  expect(wrong).toEqual([]);
  const { api } = world().server;
  for (const { id, organizationId } of connections as (NewConnection & { organizationId: string })[]) {
    expect(await api.connection(id)).toMatchObject({ organizationId });
  }
});
