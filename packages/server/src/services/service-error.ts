import { API_ERRORS, type ApiErrorCode, type FieldError } from '@pocketproxy/protocol/api';

/** A use case that was refused for a reason that the API tells. `detail` must hold no secret. */
export class ServiceError extends Error {
  readonly code: ApiErrorCode;
  readonly detail: string;
  /** Which fields of the request are to blame. */
  readonly fields: readonly FieldError[];
  /** When trying again makes sense. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ApiErrorCode,
    detail: string = API_ERRORS[code].title,
    more: { fields?: readonly FieldError[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(`${code}: ${detail}`, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'ServiceError';
    this.code = code;
    this.detail = detail;
    this.fields = more.fields ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}
