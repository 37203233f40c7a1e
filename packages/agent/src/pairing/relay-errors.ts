import { AgentError } from '../agent-error.ts';

export interface RelayAddress {
  readonly host: string;
  readonly port: number;
}

const NOT_YET_OR_NO_LONGER = new Set(['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED']);
const TRANSPORT: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the name does not exist',
  EAI_AGAIN: 'the name cannot be resolved now',
  ETIMEDOUT: 'it does not answer',
  ENETUNREACH: 'there is no network',
  EHOSTUNREACH: 'there is no route to it',
  ECONNRESET: 'it closed the connection',
};

/** What a failed TLS connection to the relay means to the person who pairs. */
export function relayError(relay: RelayAddress, cause: unknown, deviceClock: Date): AgentError {
  if (cause instanceof AgentError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code !== undefined && NOT_YET_OR_NO_LONGER.has(code)) {
    return new AgentError(
      'clock_off',
      `This device's clock says ${deviceClock.toISOString()}, when the relay's certificate is not valid. ` +
        'Set the clock, then pair again',
      { cause },
    );
  }
  const why = (code !== undefined && TRANSPORT[code]) || message;
  return new AgentError(
    'relay_unreachable',
    `The relay at ${formatAddress(relay)} cannot be reached: ${why}. Is its tunnel port open?`,
    { cause },
  );
}

export function formatAddress({ host, port }: RelayAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
