import { createHmac } from 'node:crypto';
import bcrypt from 'bcrypt';
import type { ConcurrencyGate } from './concurrency-gate.ts';

export interface PasswordHashOptions {
  /** Mixed into every password: without it a stolen hash cannot even be guessed at. */
  readonly pepper: Buffer;
  /** bcrypt's cost: the work doubles with each step. */
  readonly cost: number;
  /** Shared by all who hash: bcrypt takes threads that file access and DNS need as well. */
  readonly gate: ConcurrencyGate;
}

/** Slow hash of passwords that people choose: bcrypt over a keyed hash of the password. */
export class PasswordHash {
  readonly #options: PasswordHashOptions;

  constructor(options: PasswordHashOptions) {
    this.#options = options;
  }

  /** @throws {FlowError} `overloaded` */
  hash(password: string): Promise<string> {
    const { gate, cost } = this.#options;
    return gate.run(() => bcrypt.hash(this.#prepare(password), cost));
  }

  /** @throws {FlowError} `overloaded` */
  verify(hash: string, password: string): Promise<boolean> {
    return this.#options.gate.run(() => bcrypt.compare(this.#prepare(password), hash));
  }

  /** 44 characters of ASCII, whatever the password: bcrypt ignores what is past 72 bytes or a zero byte. */
  #prepare(password: string): string {
    return createHmac('sha256', this.#options.pepper).update(password, 'utf8').digest('base64');
  }
}
