import { z } from 'zod';

/** A point in time on the wire. */
export const timeSchema = z.iso.datetime({ offset: true });

const [EARLIEST, TOO_LATE] = [Date.UTC(1970, 0, 1), Date.UTC(10_000, 0, 1)];

/** A point in time that a client sends. Those that are beyond it cannot be stored, or not be spelled as others are. */
export const momentSchema = timeSchema
  .transform((text) => new Date(text))
  .refine((at) => at.getTime() >= EARLIEST && at.getTime() < TOO_LATE, 'Expected a time from 1970 to 9999');

/** Id in a path. */
export const idParamsSchema = z.object({ id: z.uuid() });

/** Members of an error answer that name one field of the request. */
export const fieldErrorSchema = z.object({
  /** Path of the field, e.g. `body.maxFlows`. */
  field: z.string(),
  message: z.string(),
});
export type FieldError = z.infer<typeof fieldErrorSchema>;

/** Every error of the API: RFC 9457 with `code` and `errors`. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  errors: z.array(fieldErrorSchema).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** Query of every list. */
export const pageQuerySchema = z.strictObject({
  /** `nextCursor` of the page before. */
  cursor: z.uuid('Expected nextCursor of the page before').optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type PageQuery = z.infer<typeof pageQuerySchema>;

/** One page of a list, oldest first; `nextCursor` is null on the last one. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** The identity library keeps ids of organizations and users as texts. */
export const organizationIdSchema = z.string().min(1).max(64);

/** A name that people give to things. */
export const nameSchema = z.string().trim().min(1).max(100);
