import type { ProxyCredentials } from '../../domain/ingress.ts';
import { decodeText } from '../client-text.ts';

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

/**
 * Reads a Proxy-Authorization field, RFC 7617. Another scheme, bad base64 or a missing colon is no credentials at all:
 * the client is asked for them. Text that is not UTF-8 is read as Latin-1, as older clients send it.
 */
export function parseBasicCredentials(field: string | null): ProxyCredentials | null {
  const encoded = field === null ? undefined : BASIC.exec(field)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0) return null;
  const text = decodeText(Buffer.from(encoded, 'base64'));
  const colon = text.indexOf(':');
  if (colon === -1) return null;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
