import { z } from 'zod';

/**
 * Says in the words of a form what the server's schemas refuse; what a schema says itself stays as it is. The server
 * has its own, more technical words for programs.
 */
export function sayFieldMessages(): void {
  z.config({ customError: (issue) => messageOf(issue as Issue) });
}

/** What is needed of zod's issues. */
interface Issue {
  readonly code: string;
  readonly input?: unknown;
  readonly expected?: string;
  readonly format?: string;
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
}

function messageOf(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined || issue.input === null) return 'Required';
      if (issue.expected === 'int') return 'Expected a whole number';
      return issue.expected === 'number' ? 'Expected a number' : undefined;
    case 'too_small':
      if (issue.origin === 'string' && issue.input === '') return 'Required';
      return `At least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `At most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return issue.format === 'email' ? 'Expected an e-mail address' : undefined;
    default:
      return undefined;
  }
}

function unitOf(origin: string | undefined): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}
