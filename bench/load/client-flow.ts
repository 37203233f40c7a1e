import { connect, type Socket } from 'node:net';
import { type Handshake, handshakeFor } from './handshakes.ts';
import type { Job } from './jobs.ts';

/** What a job does with one flow. */
export interface FlowEvents {
  /** The way to the origin is open. */
  opened(socket: Socket): void;
  /** Bytes of the origin. They are overwritten when the call is over. */
  received(bytes: Buffer): void;
  /** The flow is over: `complete` when both sides had ended in order. */
  closed(complete: boolean): void;
}

/**
 * All sockets are read into this one buffer: a load generator keeps nothing of what it reads, and its garbage would
 * take time from the programs that are measured.
 */
const readBuffer = Buffer.allocUnsafe(512 * 1024);

/** Where a flow goes, and by which way. */
export type FlowTarget = Pick<Job, 'route' | 'originHost' | 'originPort'>;

/** Opens one flow to the origin. */
export function openFlow(target: FlowTarget, events: FlowEvents): Socket {
  const { route } = target;
  let handshake: Handshake | null = handshakeFor(target);
  let ended = false;
  const socket = connect({
    host: route.host ?? '127.0.0.1',
    port: route.port,
    noDelay: true,
    allowHalfOpen: true,
    onread: {
      buffer: readBuffer,
      callback: (length) => {
        const bytes = readBuffer.subarray(0, length);
        if (handshake === null) events.received(bytes);
        else proceed(handshake, bytes);
        return true;
      },
    },
  });
  const proceed = (current: Handshake, bytes: Buffer): void => {
    const step = current.next(bytes);
    if (step === 'refused') {
      socket.destroy();
    } else if (step === 'done') {
      handshake = null;
      events.opened(socket);
    } else if (step !== 'wait') {
      socket.write(step);
    }
  };
  socket.on('connect', () => {
    if (handshake === null) events.opened(socket);
    else socket.write(handshake.greeting);
  });
  socket.on('end', () => {
    ended = true;
    if (!socket.writableEnded) socket.end();
  });
  socket.on('error', () => {});
  socket.on('close', (failed) => events.closed(ended && !failed && handshake === null));
  return socket;
}
