import { isIP } from 'node:net';

/** Where a request came from, as far as identity cares. */
export interface Caller {
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly cookie: string | undefined;
}

/** The headers by which better-auth knows a caller. */
export function headersOf({ address, userAgent, cookie }: Caller): Headers {
  const headers = new Headers();
  if (isIP(address)) headers.set('x-forwarded-for', address);
  if (userAgent !== undefined) headers.set('user-agent', userAgent.slice(0, 500));
  if (cookie !== undefined) headers.set('cookie', cookie);
  return headers;
}

/** What a browser would send next. */
export function cookiesOf(headers: Headers): string {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}
