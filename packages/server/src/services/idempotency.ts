import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { IdempotencyRepository, SealedAnswer } from '../db/idempotency-repository.ts';
import { ServiceError } from './service-error.ts';

/** The answer to a creating request. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
}

export interface CreatingRequest {
  readonly userId: string;
  /** The Idempotency-Key header. */
  readonly key: string;
  /** Method, path and body: the same key for another request is a mistake. */
  readonly fingerprint: string;
}

/** Leads a first request to its end. */
export interface FirstRequest {
  /** Keeps the answer for repetitions. */
  complete(answer: StoredAnswer): Promise<void>;
  /** Forgets the attempt: the request failed and may be tried again. */
  abandon(): Promise<void>;
}

/**
 * Lets a client repeat a creating request without creating twice. Answers hold passwords that are told once, so
 * they are kept encrypted: the key is derived from the server key and from the client's Idempotency-Key, of which
 * only a keyed hash is stored. The database alone, and even with the server key, does not open them.
 */
export class Idempotency {
  readonly #repository: IdempotencyRepository;
  readonly #key: Buffer;

  constructor(repository: IdempotencyRepository, key: Buffer) {
    this.#repository = repository;
    this.#key = key;
  }

  /**
   * Answers the first answer again when this request was made before, or lets the caller make it.
   * @throws {ServiceError} `idempotency_in_progress`, `idempotency_key_reused`
   */
  async begin(request: CreatingRequest): Promise<StoredAnswer | FirstRequest> {
    const keyHash = createHmac('sha256', this.#key).update(`${request.userId}\n${request.key}`).digest('hex');
    const requestHash = createHash('sha256').update(request.fingerprint).digest('hex');
    if (await this.#repository.claim(keyHash, requestHash)) return this.#first(keyHash, request);
    const earlier = await this.#repository.find(keyHash);
    if (earlier && earlier.requestHash !== requestHash) throw new ServiceError('idempotency_key_reused');
    if (!earlier?.answer || earlier.status === null) throw new ServiceError('idempotency_in_progress');
    return { status: earlier.status, body: open(earlier.answer, this.#answerKey(request)) };
  }

  #first(keyHash: string, request: CreatingRequest): FirstRequest {
    return {
      complete: ({ status, body }) =>
        this.#repository.complete(keyHash, status, seal(body, this.#answerKey(request))),
      abandon: () => this.#repository.remove(keyHash),
    };
  }

  #answerKey({ userId, key }: CreatingRequest): Buffer {
    return Buffer.from(hkdfSync('sha256', `${userId}\n${key}`, this.#key, 'idempotent answer', 32));
  }
}

function seal(text: string, key: Buffer): SealedAnswer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return {
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  };
}

function open({ iv, tag, data }: SealedAnswer, key: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'));
  decipher.setAuthTag(Buffer.from(tag, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString('utf8');
}
