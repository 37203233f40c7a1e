/** Why a port could not be opened. */
export type ListenErrorCode =
  /** Another program has the port. */
  | 'port_in_use'
  /** The system does not let us have it. */
  | 'port_forbidden'
  /** The address to listen on is not one of this host. */
  | 'address_unavailable'
  | 'listen_failed';

const CODES: Readonly<Record<string, ListenErrorCode>> = {
  EADDRINUSE: 'port_in_use',
  EACCES: 'port_forbidden',
  EPERM: 'port_forbidden',
  EADDRNOTAVAIL: 'address_unavailable',
};

/** A port that could not be opened. */
export class ListenError extends Error {
  readonly code: ListenErrorCode;
  readonly port: number;

  constructor(port: number, cause: NodeJS.ErrnoException) {
    const code = CODES[cause.code ?? ''] ?? 'listen_failed';
    super(`Port ${port} could not be opened: ${cause.code ?? cause.message}`, { cause });
    this.name = 'ListenError';
    this.code = code;
    this.port = port;
  }
}
