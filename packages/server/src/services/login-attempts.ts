import type { ApiErrorCode } from '@pocketproxy/protocol/api';
import { clientNetwork } from '../domain/client-network.ts';
import type { Caller } from './caller.ts';
import type { Principal } from './permissions.ts';
import { ServiceError } from './service-error.ts';

/** Counts failed attempts of a key and says when there were too many. */
export interface AttemptLimiter {
  allows(key: string): boolean;
  noteFailure(key: string): void;
}

/** An attempt to prove that one is somebody. */
export interface Attempt {
  /** Whom one wants to be, as it was typed. */
  readonly email: string;
  readonly caller: Caller;
  /** Who is signed in and confirms it; `null` for a sign-in. */
  readonly principal: Principal | null;
}

/** Hears of attempts that failed. Must not throw. */
export interface RefusalLog {
  refused(attempt: Attempt, code: ApiErrorCode): void;
}

/** Attempts of one key that may wait for each other. */
const MAX_WAITING = 10;
const BLOCKED_SECONDS = 60;

interface Queue {
  tail: Promise<unknown>;
  length: number;
}

/**
 * Bounds how often passwords and codes can be guessed, by address and user together: one attacker locks nobody else
 * out. Attempts of one key are made one after the other, so that a hundred at once count as a hundred before the
 * hundredth is looked at.
 */
export class LoginAttempts {
  readonly #limiter: AttemptLimiter;
  readonly #refusals: RefusalLog;
  readonly #queues = new Map<string, Queue>();

  constructor(limiter: AttemptLimiter, refusals: RefusalLog) {
    this.#limiter = limiter;
    this.#refusals = refusals;
  }

  /** Runs an attempt; `invalid_credentials` and `invalid_two_factor_code` count. @throws {ServiceError} `rate_limited` */
  async run<T>(attempt: Attempt, prove: () => Promise<T>): Promise<T> {
    try {
      return await this.#inTurn(
        `${clientNetwork(attempt.caller.address)} ${attempt.email.toLowerCase()}`,
        prove,
      );
    } catch (error) {
      if (error instanceof ServiceError) this.#refusals.refused(attempt, error.code);
      throw error;
    }
  }

  async #inTurn<T>(key: string, attempt: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(key) ?? { tail: Promise.resolve(), length: 0 };
    if (queue.length >= MAX_WAITING) throw tooMany();
    this.#queues.set(key, queue);
    queue.length += 1;
    const turn = queue.tail.then(() => this.#attempt(key, attempt));
    queue.tail = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      queue.length -= 1;
      if (queue.length === 0) this.#queues.delete(key);
    }
  }

  async #attempt<T>(key: string, attempt: () => Promise<T>): Promise<T> {
    if (!this.#limiter.allows(key)) throw tooMany();
    try {
      return await attempt();
    } catch (error) {
      if (isWrongGuess(error)) this.#limiter.noteFailure(key);
      throw error;
    }
  }
}

function isWrongGuess(error: unknown): boolean {
  if (!(error instanceof ServiceError)) return false;
  return error.code === 'invalid_credentials' || error.code === 'invalid_two_factor_code';
}

function tooMany(): ServiceError {
  return new ServiceError('rate_limited', 'Too many failed attempts; wait a minute', {
    retryAfterSeconds: BLOCKED_SECONDS,
  });
}
