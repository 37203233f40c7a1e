import type { ConnectionView } from '@pocketproxy/protocol/api';
import { endpointOf } from '#components/connections/endpoints.ts';

/** Ways to use a connection that can be written without its password, which nobody can read any more. */
export function endpointLines(connection: Pick<ConnectionView, 'host' | 'port' | 'username' | 'protocols'>) {
  const endpoint = endpointOf(connection);
  const { username, protocols } = connection;
  // Without a password in it, curl asks for one.
  const curl = (scheme: string): string =>
    `curl -x '${scheme}://${endpoint}' -U '${username}' http://ip.pocketproxy.internal/`;
  return [
    ...(protocols.includes('http') ? [{ label: 'HTTP, HTTPS', text: endpoint }] : []),
    ...(protocols.includes('socks5') ? [{ label: 'SOCKS4, SOCKS5', text: endpoint }] : []),
    { label: 'User name', text: username },
    { label: 'curl', text: curl('http') },
    ...(protocols.includes('socks5') ? [{ label: 'curl, SOCKS5', text: curl('socks5h') }] : []),
  ];
}
