import type { IncomingMessage } from 'node:http';
import { FlowError } from '@pocketproxy/protocol';
import { isHopByHop, withoutListed } from './end-to-end-fields.ts';

/** What the head of a request says, once nothing in it can be read in two ways. */
export interface RequestHead {
  /** End-to-end fields as names and values in turn, without Host. */
  readonly fields: string[];
  /** `null` only in HTTP/1.0. */
  readonly host: string | null;
  readonly proxyAuthorization: string | null;
  /** How the body is framed; a Content-Length of zero is `none`. */
  readonly body: 'none' | 'length' | 'chunked';
  /** The protocol of an Upgrade field. */
  readonly upgrade: string | null;
  /** Whether the client wants the connection closed after the answer. */
  readonly close: boolean;
}

/**
 * Reads the head of a request from its raw fields. The HTTP parser has refused bad line ends, folded and forbidden
 * characters and most conflicts of framing by now; what it lets pass, or leaves to us, is refused here
 * (RFC 9112 sections 3.2, 6.1 and 6.3).
 * @throws {FlowError} `malformed_request`, or `unsupported` for transfer codings other than chunked
 */
export function readRequestHead(request: Pick<IncomingMessage, 'httpVersion' | 'rawHeaders'>): RequestHead {
  const { httpVersion, rawHeaders: raw } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') malformed('The request is not HTTP/1.1 or HTTP/1.0');
  const fields: string[] = [];
  let host: string | null = null;
  let proxyAuthorization: string | null = null;
  let connection: string | null = null;
  let contentLength: string | null = null;
  let transferEncoding: string | null = null;
  let upgrade: string | null = null;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    const value = raw[i + 1]!;
    const lower = name.toLowerCase();
    switch (lower) {
      case 'host':
        if (host !== null) malformed('The request has more than one Host field');
        host = value;
        break;
      case 'proxy-authorization':
        if (proxyAuthorization !== null) malformed('The request has more than one Proxy-Authorization field');
        proxyAuthorization = value;
        break;
      case 'content-length':
        if (contentLength !== null) malformed('The request has more than one Content-Length field');
        contentLength = value;
        fields.push(name, value);
        break;
      case 'transfer-encoding':
        if (transferEncoding !== null) malformed('The request has more than one Transfer-Encoding field');
        transferEncoding = value;
        break;
      case 'connection':
        connection = connection === null ? value : `${connection},${value}`;
        break;
      case 'upgrade':
        upgrade = value;
        break;
      default:
        if (!isHopByHop(lower)) fields.push(name, value);
    }
  }
  if (host === null && httpVersion === '1.1') malformed('The request has no Host field');
  return {
    fields: connection === null ? fields : withoutListed(fields, connection),
    host,
    proxyAuthorization,
    body: bodyFraming(httpVersion, contentLength, transferEncoding),
    upgrade,
    close: connection === null ? httpVersion === '1.0' : /(?:^|[\s,])close(?:$|[\s,])/i.test(connection),
  };
}

function bodyFraming(
  version: string,
  contentLength: string | null,
  transferEncoding: string | null,
): 'none' | 'length' | 'chunked' {
  if (transferEncoding !== null) {
    if (contentLength !== null) malformed('The request has both Content-Length and Transfer-Encoding');
    if (version === '1.0') malformed('HTTP/1.0 has no Transfer-Encoding');
    const coding = transferEncoding.trim().toLowerCase();
    if (coding === 'chunked') return 'chunked';
    if (/,\s*chunked$/.test(coding)) {
      throw new FlowError('unsupported', 'Transfer codings other than chunked are not supported');
    }
    malformed('The Transfer-Encoding of a request must be chunked');
  }
  if (contentLength === null) return 'none';
  const length = /^\d{1,16}$/.test(contentLength) ? Number(contentLength) : Number.NaN;
  if (!Number.isSafeInteger(length)) malformed('The Content-Length is not a length');
  return length === 0 ? 'none' : 'length';
}

function malformed(detail: string): never {
  throw new FlowError('malformed_request', detail);
}
