import { Socket } from 'node:net';

/** Where the driver wants to go; lists because a URL may name several servers. */
export interface DriverAddress {
  readonly host: readonly string[];
  readonly port: readonly number[];
  /** Of a Unix socket. */
  readonly path?: string | undefined;
}

/**
 * A socket for the database driver whose end always looks like an orderly close once it was connected. The driver
 * rejects what is under way when it hears `error`, and may then be given another statement before it hears `close`;
 * after a close "with error" nobody would ever answer that one. With an orderly close it rejects all of them.
 */
export function databaseSocket({ host, port, path }: DriverAddress): Socket {
  const socket = new Socket();
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean;
  let connected = false;
  socket.once('connect', () => {
    connected = true;
  });
  socket.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (!connected) return emit(event, ...args);
    if (event === 'error') return true;
    return event === 'close' ? emit('close', false) : emit(event, ...args);
  };
  return path === undefined ? socket.connect(port[0]!, host[0]!) : socket.connect(path);
}
