import { z } from 'zod';

/** Whether PostgreSQL can keep a text: it knows neither zero bytes nor halves of surrogate pairs. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/**
 * Text that a device says of itself, of at most `limit` UTF-16 units. What no database could keep is taken out: rows of
 * many devices are stored together, and one of them must not keep those of the others from being stored.
 */
export function deviceText(limit: number) {
  return z
    .string()
    .max(limit)
    .transform((text) => (isStorable(text) ? text : text.replaceAll('\0', '').toWellFormed()));
}
