import { FLOW_ERRORS, type FlowError } from '@pocketproxy/protocol';

/** The value of a Proxy-Status field for a refusal, RFC 9209. */
export function proxyStatus(error: FlowError): string {
  return `pocketproxy; error=${FLOW_ERRORS[error.code].proxyStatus}; details=${structuredString(error.detail)}`;
}

/** A string of structured fields, RFC 8941 section 3.3.3: printable ASCII, with quote and backslash escaped. */
export function structuredString(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return `"${printable.replace(/["\\]/g, '\\$&')}"`;
}
