import type { Socket } from 'node:net';

/** Content type `handshake` and the legacy major version of a TLS record, RFC 8446 section 5.1. */
const HANDSHAKE = 22;
const MAJOR_VERSION = 3;
const RECORD_HEADER_BYTES = 5;
const MAX_RECORD_BYTES = 2 ** 14;
/** Type of the message that a record must begin with, RFC 8446 section 4. */
const CLIENT_HELLO = 1;
/** What a client may send before it is answered. */
const MAX_BYTES = RECORD_HEADER_BYTES + MAX_RECORD_BYTES;

/** What the first bytes of a connection are, so far. */
export type Beginning = 'incomplete' | 'client-hello' | 'other';

/** Tells a whole first record with a ClientHello from the beginning of one, and from anything else. */
export function beginningOf(bytes: Uint8Array): Beginning {
  const [type, major, , high, low, message] = bytes;
  if (type !== undefined && type !== HANDSHAKE) return 'other';
  if (major !== undefined && major !== MAJOR_VERSION) return 'other';
  if (message !== undefined && message !== CLIENT_HELLO) return 'other';
  if (high === undefined || low === undefined) return 'incomplete';
  const length = high * 256 + low;
  if (length === 0 || length > MAX_RECORD_BYTES) return 'other';
  return bytes.length < RECORD_HEADER_BYTES + length ? 'incomplete' : 'client-hello';
}

/**
 * Reads a paused socket until it has said what a TLS client says first, and keeps that until `giveBack`. A socket that says
 * something else, or more than a record before it is answered, is destroyed.
 * @param onWhole Called once, never before this function has returned
 */
export function awaitClientHello(socket: Socket, onWhole: () => void): { giveBack(): void } {
  let bytes: Buffer = Buffer.alloc(0);
  let isWhole = false;
  const listener = (chunk: Buffer) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const beginning = beginningOf(bytes);
    if (beginning === 'other' || bytes.length > MAX_BYTES) socket.destroy();
    else if (beginning === 'client-hello' && !isWhole) {
      isWhole = true;
      onWhole();
    }
  };
  socket.on('data', listener);
  // A socket that was paused explicitly does not flow by itself.
  socket.resume();
  return {
    giveBack: () => {
      socket.off('data', listener);
      // Paused, so that TLS finds the bytes when it starts to read by itself.
      socket.pause();
      socket.unshift(bytes);
    },
  };
}
