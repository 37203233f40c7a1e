import type { Socket } from 'node:net';
import type { Clock } from '@pocketproxy/runtime';
import type { PathClient } from '../path/client-table.ts';
import { DnsMessageStream, frameDnsMessage } from './message-stream.ts';
import type { NameService } from './name-service.ts';

/** How long a client may keep its connection without a question (RFC 7766 section 6.2.3). */
const IDLE_MS = 10_000;

/** Answers queries on a TCP connection of a VPN client until either side has enough. */
export function serveNamesByTcp(socket: Socket, client: PathClient, names: NameService, clock: Clock): void {
  const messages = new DnsMessageStream();
  let idle = clock.setTimeout(() => socket.destroy(), IDLE_MS);
  const restart = () => {
    idle.cancel();
    idle = clock.setTimeout(() => socket.destroy(), IDLE_MS);
  };
  socket.on('close', () => idle.cancel());
  socket.on('end', () => socket.end());
  socket.on('drain', () => {
    restart();
    socket.resume();
  });
  socket.on('data', (chunk: Buffer) => {
    restart();
    for (const message of messages.push(chunk)) {
      void names.answer(client, message).then((asked) => {
        if (asked === null) socket.destroy();
        // Who does not read the answers is asked for no more questions: they would pile up here.
        else if (socket.writable && !socket.write(frameDnsMessage(asked.answer))) socket.pause();
      });
    }
  });
  socket.resume();
}
