import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { webhookSecretKey, webhookSecretOf } from '@pocketproxy/protocol/api';
import type { SealedSecret } from '../../db/notification-channel-repository.ts';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const SECRET_BYTES = 32;

/**
 * Keys that webhooks are signed with. Signing needs the key itself, so they are encrypted and not hashed, with a key
 * made from the server key: a stolen database alone does not open them. Each is bound to its channel.
 */
export class ChannelSecrets {
  readonly #key: Buffer;

  /** `key`: 32 bytes. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  /** A new secret as people get it. */
  generate(): string {
    return webhookSecretOf(randomBytes(SECRET_BYTES));
  }

  /** @throws {TypeError} when `secret` is none in the spelling of Standard Webhooks */
  seal(channelId: string, secret: string): SealedSecret {
    const plain = webhookSecretKey(secret);
    if (plain === null) throw new TypeError('Not a webhook secret');
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, iv).setAAD(Buffer.from(channelId));
    const data = Buffer.concat([cipher.update(plain), cipher.final()]);
    const base64 = { iv: iv.toString('base64'), data: data.toString('base64') };
    return { ...base64, tag: cipher.getAuthTag().toString('base64') };
  }

  /** The key to sign with. @throws {Error} when it was sealed with another key or for another channel */
  open(channelId: string, { iv, tag, data }: SealedSecret): Buffer {
    const decipher = createDecipheriv(CIPHER, this.#key, Buffer.from(iv, 'base64'))
      .setAAD(Buffer.from(channelId))
      .setAuthTag(Buffer.from(tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]);
  }
}
