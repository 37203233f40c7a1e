import { z } from 'zod';

/**
 * Text that a phone tells, `max` characters at most. What no database stores (NUL, halves of characters) is taken out:
 * it comes from radios and programs, and one such report must keep neither itself nor others from being stored.
 */
export function reportedText(max: number) {
  return z
    .string()
    .max(max)
    .transform((text) => text.replaceAll('\0', '').toWellFormed());
}
