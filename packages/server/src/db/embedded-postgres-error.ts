export type EmbeddedPostgresErrorCode =
  | 'database_unsupported_platform'
  | 'database_no_user'
  | 'database_unreachable'
  | 'database_wrong_owner'
  | 'database_wrong_version'
  | 'database_init_failed'
  | 'database_start_failed'
  | 'data_directory_in_use';

/** Why the embedded database cannot run here. The message is for the operator and says what to do. */
export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
    this.code = code;
  }
}
