import { API_ERRORS, type ApiErrorCode, type FieldError, type Problem } from '@pocketproxy/protocol/api';

/** Codes of the server, and what can go wrong before it answers. */
export type FailureCode = ApiErrorCode | 'unreachable' | 'unreadable';

/** A call that was refused (RFC 9457) or got no answer. Compare `code`, show `message`. */
export class ApiError extends Error {
  readonly code: FailureCode;
  /** 0 when there was no answer. */
  readonly status: number;
  /** Fields of the request that are wrong, named as in the body, e.g. `maxFlows`. */
  readonly fields: readonly FieldError[];
  /** After how long another try makes sense; `null` when nobody said. */
  readonly retryAfterSeconds: number | null;

  constructor(
    code: FailureCode,
    message: string,
    about: { status?: number; fields?: readonly FieldError[]; retryAfterSeconds?: number | null } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = about.status ?? 0;
    this.fields = about.fields ?? [];
    this.retryAfterSeconds = about.retryAfterSeconds ?? null;
  }
}

/** Reads the refusal in an answer; one that is none of ours, such as a proxy's error page, is `unreadable`. */
export async function refusalOf(answer: Response): Promise<ApiError> {
  const problem = (await answer.json().catch(() => null)) as Partial<Problem> | null;
  const retryAfter = Number(answer.headers.get('retry-after') ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(retryAfter) ? retryAfter : null;
  if (problem === null || !isKnown(problem.code)) {
    const message = `The server answered with status ${answer.status} and nothing that this page understands.`;
    return new ApiError('unreadable', message, { status: answer.status, retryAfterSeconds });
  }
  const fields = (problem.errors ?? []).map(({ field, message }) => ({
    field: field.replace(/^body[.]/, ''),
    message,
  }));
  const message = problem.detail ?? API_ERRORS[problem.code].title;
  return new ApiError(problem.code, message, { status: answer.status, fields, retryAfterSeconds });
}

function isKnown(code: unknown): code is ApiErrorCode {
  return typeof code === 'string' && Object.hasOwn(API_ERRORS, code);
}

/** What a person is told of any error, as one sentence or two. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return 'This page met an error of its own. Reload it; if that does not help, tell whoever runs this server.';
}

/** Whether `error` is a refusal with this code. */
export function hasCode(error: unknown, ...codes: readonly FailureCode[]): error is ApiError {
  return error instanceof ApiError && codes.includes(error.code);
}

/**
 * Whether `error` says that there is nothing to be seen any more: it was deleted, or taken from this account. What was
 * read of it before is then not shown either.
 */
export function isGone(error: unknown): boolean {
  return hasCode(error, 'not_found', 'forbidden');
}
