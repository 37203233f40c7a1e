import type { Socket } from 'node:net';

/**
 * Resolves when the socket is closed; `true` when it was by an error such as a RST. (`events.once` would reject at the
 * error that comes before.)
 */
export async function socketClosed(socket: Socket): Promise<boolean> {
  if (socket.closed) return socket.errored !== null;
  return await new Promise((resolve) => socket.once('close', resolve));
}

/** Resolves when the peer has ended the connection, by FIN or RST. */
export async function endedByPeer(socket: Socket): Promise<void> {
  if (socket.readableEnded || socket.closed) return;
  await new Promise<void>((resolve) => {
    socket.once('end', () => resolve());
    socket.once('close', () => resolve());
  });
}
