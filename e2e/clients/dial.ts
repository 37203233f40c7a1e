import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { HttpTarget } from '../harness/http-call.ts';

/** Connects to a TCP port or a Unix socket. Later errors end in `close` alone. @throws {Error} when it is refused */
export async function dial(target: HttpTarget): Promise<Socket> {
  const socket = connect('socketPath' in target ? { path: target.socketPath } : { ...target, noDelay: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}
