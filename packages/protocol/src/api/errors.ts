/**
 * Why an API call was refused: one catalogue for server, dashboard and documentation (docs/errors.md). Clients
 * compare `code`, never a text.
 */
export const API_ERRORS = {
  validation_failed: { status: 400, title: 'Request is invalid' },
  malformed_request: { status: 400, title: 'Request is malformed' },
  invalid_credentials: { status: 401, title: 'E-mail or password is wrong' },
  two_factor_required: { status: 401, title: 'A second factor is needed' },
  invalid_two_factor_code: { status: 401, title: 'Code of the second factor is wrong' },
  unauthenticated: { status: 401, title: 'A valid token is needed' },
  account_disabled: { status: 403, title: 'Account is disabled' },
  forbidden: { status: 403, title: 'Not allowed for this account' },
  not_found: { status: 404, title: 'Not found' },
  username_taken: { status: 409, title: 'User name is taken' },
  email_taken: { status: 409, title: 'E-mail address is taken' },
  two_factor_enabled: { status: 409, title: 'Second factor is on already' },
  two_factor_not_set_up: { status: 409, title: 'Second factor is not set up' },
  organization_in_use: { status: 409, title: 'Organization owns something' },
  invitation_used: { status: 409, title: 'Invitation was used already' },
  device_offline: { status: 409, title: 'Phone is offline' },
  unsupported_command: { status: 409, title: 'Phone cannot do this' },
  command_not_pending: { status: 409, title: 'Command does not wait any more' },
  last_administrator: { status: 409, title: 'There must be an administrator left' },
  pairing_code_used: { status: 409, title: 'Pairing code was used already' },
  ports_exhausted: { status: 409, title: 'Every port of the relay is taken' },
  vpn_unavailable: { status: 409, title: 'OpenVPN is off' },
  idempotency_in_progress: {
    status: 409,
    title: 'The first request with this Idempotency-Key is still running',
  },
  invitation_expired: { status: 410, title: 'Invitation has expired' },
  link_expired: { status: 410, title: 'Link has expired' },
  precondition_failed: { status: 412, title: 'It was changed meanwhile' },
  payload_too_large: { status: 413, title: 'Request is too large' },
  unsupported_media_type: { status: 415, title: 'Content type is not supported' },
  idempotency_key_reused: { status: 422, title: 'Idempotency-Key was used for a different request' },
  upgrade_required: { status: 426, title: 'A WebSocket is needed' },
  rotation_too_soon: { status: 429, title: 'The last rotation was too short ago' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'Internal error' },
  database_unavailable: { status: 503, title: 'Database is not available' },
  no_relay: { status: 503, title: 'No relay is running' },
  port_unavailable: { status: 503, title: 'The relay cannot open a port' },
  overloaded: { status: 503, title: 'Server is at its limit' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ApiErrorCode = keyof typeof API_ERRORS;
export const API_ERROR_CODES = Object.keys(API_ERRORS) as [ApiErrorCode, ...ApiErrorCode[]];
