import { randomBytes } from 'node:crypto';

/** Crockford's base 32 without look-alikes (I, L, O, U): each character is 5 bits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** `length` random characters that are safe in URLs and cannot be misread. */
export function randomText(length: number): string {
  return textOf(randomBytes(length));
}

/** One character for each byte; of its eight bits five count. */
export function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => ALPHABET[byte & 31]).join('');
}
