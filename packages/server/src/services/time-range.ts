import { ServiceError } from './service-error.ts';

/** From the first moment to the one that no longer belongs to it. */
export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

/**
 * A range of which both ends may be left out: it ends now, and is `spanMs` long.
 * @throws {ServiceError} `validation_failed` when it ends before it begins
 */
export function defaultSpan(
  { from, to }: { readonly from?: Date | undefined; readonly to?: Date | undefined },
  now: Date,
  spanMs: number,
): TimeRange {
  const end = to ?? now;
  const begin = from ?? new Date(end.getTime() - spanMs);
  if (begin < end) return { from: begin, to: end };
  const message = `Expected a time before ${end.toISOString()}, where the range ends`;
  throw new ServiceError('validation_failed', 'The range ends before it begins', {
    fields: [{ field: 'query.from', message }],
  });
}
