/** Checks and makes proxy credentials. Implemented in `services/credentials.ts`. */
import type { StoredCredential } from './connection.ts';

export interface CredentialVerifier {
  /**
   * Whether `password` matches. Answers without a promise for `hmac-sha256`, and for `bcrypt` when this very
   * password was checked against this very hash lately. Bcrypt runs are limited in number at a time.
   * @throws {FlowError} `overloaded` when too many slow checks are waiting
   */
  verify(credential: StoredCredential, password: string): boolean | Promise<boolean>;
}
