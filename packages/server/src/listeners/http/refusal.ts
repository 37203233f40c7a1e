import { STATUS_CODES } from 'node:http';
import { FLOW_ERRORS, type FlowError } from '@pocketproxy/protocol';
import { proxyStatus } from './proxy-status.ts';

const CHALLENGE = 'Basic realm="PocketProxy", charset="UTF-8"';
/** Phones come back within seconds when they rotate; asking more often helps nobody. */
const RETRY_AFTER_SECONDS = '5';

/** Which connection a refusal is about: its name once the client is authenticated, until then only its port. */
export interface RefusedConnection {
  readonly port: number;
  readonly name?: string | undefined;
}

/** A refusal as it is told by HTTP. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
  /** Names and values in turn, framing included, `Connection` left to the sender. */
  readonly fields: string[];
  readonly body: Buffer;
}

/** @param status Overrides the status that goes with the error. */
export function refusalOf(error: FlowError, connection: RefusedConnection, status?: number): Refusal {
  const code = status ?? FLOW_ERRORS[error.code].http;
  const body = Buffer.from(`${describe(error, connection)}\n`);
  const fields = ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', String(body.length)];
  fields.push('Proxy-Status', proxyStatus(error));
  if (code === 407) fields.push('Proxy-Authenticate', CHALLENGE);
  if (code === 503) fields.push('Retry-After', RETRY_AFTER_SECONDS);
  return { status: code, reason: STATUS_CODES[code] ?? 'Refused', fields, body };
}

/** A refusal as bytes, for sockets that no HTTP server looks after. */
export function refusalBytes(
  error: FlowError,
  connection: RefusedConnection,
  options: { readonly status?: number | undefined; readonly keepAlive?: boolean } = {},
): Buffer {
  const { status, reason, fields, body } = refusalOf(error, connection, options.status);
  let head = `HTTP/1.1 ${status} ${reason}\r\n`;
  for (let i = 0; i < fields.length; i += 2) head += `${fields[i]}: ${fields[i + 1]}\r\n`;
  head += `Connection: ${options.keepAlive ? 'keep-alive' : 'close'}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

/** One line that names the reason and the connection. */
function describe(error: FlowError, { port, name }: RefusedConnection): string {
  const { title } = FLOW_ERRORS[error.code];
  const reason = error.detail === title ? title : `${title}: ${error.detail}`;
  const subject = name === undefined ? `connection on port ${port}` : `connection "${name}" on port ${port}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: details may quote what came from outside
  return `PocketProxy: ${reason} (${subject})`.replace(/[\x00-\x1f\x7f]+/g, ' ');
}
