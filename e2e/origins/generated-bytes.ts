import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';

const CHUNK = 64 * 1024;
const ZEROS = Buffer.alloc(CHUNK);

/** Chunks of `length` bytes that look random and depend on `seed` alone: the AES-CTR key stream of the seed. */
export function* generatedChunks(seed: string, length: number): Generator<Buffer> {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  for (let left = length; left > 0; left -= CHUNK)
    yield cipher.update(ZEROS.subarray(0, Math.min(left, CHUNK)));
}

/** The same bytes as a stream that makes them only as fast as they are read. */
export function generatedStream(seed: string, length: number): Readable {
  return Readable.from(generatedChunks(seed, length), { objectMode: false, highWaterMark: CHUNK });
}

/** SHA-256 of the same bytes, lower-case hex. */
export function generatedSha256(seed: string, length: number): string {
  const hash = createHash('sha256');
  for (const chunk of generatedChunks(seed, length)) hash.update(chunk);
  return hash.digest('hex');
}
