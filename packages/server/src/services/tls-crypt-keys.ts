import { createCipheriv, createHmac, hkdfSync } from 'node:crypto';

/** Both keys have four parts of this size: one for ciphering and one for authentication in each direction. */
const PART_BYTES = 64;
const SERVER_KEY_BYTES = 2 * PART_BYTES;
const CLIENT_KEY_BYTES = 4 * PART_BYTES;
/** AES-256 and HMAC-SHA256 use the first half of a part. */
const USED_BYTES = 32;
const IV_BYTES = 16;
const TAG_BYTES = 32;
const LENGTH_BYTES = 2;
/** First byte of metadata that the server's operator chose. */
const USER_METADATA = 0;
const LINE_LENGTH = 64;

/**
 * Keys of `tls-crypt-v2`, which hide the control channel: who has none gets no answer at all. They are derived, not
 * stored, so that control can write a client's file without asking the relay. See doc/tls-crypt-v2.txt of OpenVPN.
 */
export class TlsCryptKeys {
  readonly #secret: Buffer;

  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** The key of one relay's daemon, PEM. */
  serverKey(relayId: string): string {
    return pem('OpenVPN tls-crypt-v2 server key', this.#serverKey(relayId));
  }

  /** The key of one connection: it reads nobody else's packets. PEM; the same at every call. */
  clientKey(relayId: string, connectionId: string): string {
    const key = this.#derive(`client ${relayId} ${connectionId}`, CLIENT_KEY_BYTES);
    const metadata = Buffer.concat([Buffer.from([USER_METADATA]), Buffer.from(connectionId)]);
    const wrapped = wrap(this.#serverKey(relayId), key, metadata);
    return pem('OpenVPN tls-crypt-v2 client key', Buffer.concat([key, wrapped]));
  }

  #serverKey(relayId: string): Buffer {
    return this.#derive(`server ${relayId}`, SERVER_KEY_BYTES);
  }

  #derive(name: string, length: number): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#secret, '', `tls-crypt-v2 ${name}`, length));
  }
}

/** The client key as the server gets it back from the client: it keeps none itself. */
function wrap(serverKey: Buffer, clientKey: Buffer, metadata: Buffer): Buffer {
  const plain = Buffer.concat([clientKey, metadata]);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(TAG_BYTES + plain.length + LENGTH_BYTES);
  const cipherKey = serverKey.subarray(0, USED_BYTES);
  const tagKey = serverKey.subarray(PART_BYTES, PART_BYTES + USED_BYTES);
  const tag = createHmac('sha256', tagKey).update(length).update(plain).digest();
  const cipher = createCipheriv('aes-256-ctr', cipherKey, tag.subarray(0, IV_BYTES));
  return Buffer.concat([tag, cipher.update(plain), cipher.final(), length]);
}

function pem(name: string, content: Buffer): string {
  const lines = content.toString('base64').match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? [];
  return [`-----BEGIN ${name}-----`, ...lines, `-----END ${name}-----`, ''].join('\n');
}
