import type { Server } from 'node:http';
import { WebSocketServer } from 'ws';

/** Answers WebSocket upgrades on any path and sends every message back. */
export function echoWebSockets(server: Server): void {
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('error', () => socket.terminate());
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
}
