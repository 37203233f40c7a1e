/** Why an agent command cannot go on. The command line prints the message alone, and exits with 1. */
export type AgentErrorCode =
  | 'not_paired'
  | 'already_paired'
  | 'state_unreadable'
  | 'already_running'
  | 'bad_pairing_url'
  | 'pairing_code_invalid'
  | 'pairing_code_expired'
  | 'pairing_code_used'
  | 'pairing_refused'
  | 'wrong_relay_key'
  | 'clock_off'
  | 'relay_unreachable'
  | 'relay_answer_invalid'
  | 'bad_settings'
  | 'revoked';

/** An expected failure, with a message that tells a person what to do. It holds no secret. */
export class AgentError extends Error {
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AgentError';
    this.code = code;
  }
}
