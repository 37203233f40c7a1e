import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ManagementClient, type ManagementEvent } from './management-client.ts';

let folder: string;
let server: Server;
let daemon: Socket;
let received: string;
const events: ManagementEvent[] = [];
const closed = vi.fn();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pp-management-'));
  received = '';
  events.length = 0;
  closed.mockClear();
  server = createServer((socket) => {
    daemon = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.write('>INFO:hello\r\n');
  });
  await new Promise<void>((resolve) => void server.listen(join(folder, 'm.sock'), resolve));
});

afterEach(async () => {
  daemon?.destroy();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

async function open(): Promise<ManagementClient> {
  const client = await ManagementClient.open(join(folder, 'm.sock'), {
    event: (event) => events.push(event),
    closed,
  });
  await expect.poll(() => daemon).toBeDefined();
  return client;
}

test('commands get the answers in their order, whatever is told in between', async () => {
  const client = await open();
  const first = client.command('client-kill', 3);
  const second = client.commandWithLines('client-auth', [4, 1], ['push "x"']);
  await expect.poll(() => received).toBe('client-kill 3\nclient-auth 4 1\npush "x"\nEND\n');
  daemon.write('ERROR: no such client\r\n>HOLD:Waiting\r\nSUCCESS: done\r\n');
  expect(await first).toBe(false);
  expect(await second).toBe(true);
  expect(events).toEqual([{ type: 'hold' }]);
  client.close();
});

test('a text is one argument, whatever is in it', async () => {
  const client = await open();
  void client.command('client-deny', 1, 2, 'reason', 'say "no"\r\nclient-auth-nt 1 2\\');
  await expect.poll(() => received).toBe('client-deny 1 2 "reason" "say \\"no\\"  client-auth-nt 1 2\\\\"\n');
  client.close();
});

test('a daemon that goes away answers nothing more', async () => {
  const client = await open();
  const answer = client.command('state', 'on');
  daemon.destroy();
  expect(await answer).toBe(false);
  expect(closed).toHaveBeenCalledOnce();
  expect(await client.command('state')).toBe(false);
});

test('whoever talks like no daemon is hung up on', async () => {
  await open();
  daemon.write(`>CLIENT:CONNECT,nobody\n`);
  await expect.poll(() => closed.mock.calls.length).toBe(1);
});

test('nobody at the socket is an error of the system', async () => {
  const path = join(folder, 'other.sock');
  await expect(ManagementClient.open(path, { event: () => {}, closed })).rejects.toMatchObject({
    code: 'ENOENT',
  });
  expect(closed).not.toHaveBeenCalled();
});
