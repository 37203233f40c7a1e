import { expect, test } from 'vitest';
import { endpointLines } from './endpoint-lines.ts';

const connection = { host: '2001:db8::1', port: 30_004, username: 'acme.1', protocols: ['http' as const] };
const labels = (protocols: ('http' | 'socks5' | 'openvpn')[]) =>
  endpointLines({ ...connection, protocols }).map(({ label }) => label);

test('an endpoint is told for each protocol that the connection speaks', () => {
  expect(labels(['http'])).toEqual(['HTTP, HTTPS', 'User name', 'curl']);
  expect(labels(['http', 'socks5', 'openvpn'])).toEqual([
    ...['HTTP, HTTPS', 'SOCKS4, SOCKS5', 'User name', 'curl', 'curl, SOCKS5'],
  ]);
});

test('an IPv6 address is in brackets, and curl is left to ask for the password', () => {
  expect(endpointLines(connection).at(-1)?.text).toBe(
    "curl -x 'http://[2001:db8::1]:30004' -U 'acme.1' http://ip.pocketproxy.internal/",
  );
});
