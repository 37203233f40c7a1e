import type { ConnectionRecord } from '../db/connection-repository.ts';
import { ServiceError } from './service-error.ts';
import type { TlsCryptKeys } from './tls-crypt-keys.ts';

/** Common name of every certificate that relays have. */
const RELAY_NAME = 'PocketProxy relay';

/** What a client file is made of. */
type VpnConnection = Pick<
  ConnectionRecord,
  'id' | 'name' | 'username' | 'host' | 'relayId' | 'vpnPort' | 'vpnProblem' | 'caCertificate'
>;

/** A client file of OpenVPN, ready to be imported. */
export interface OvpnFile {
  /** Safe as the name of a file on any system. */
  readonly fileName: string;
  readonly content: string;
}

/** Writes the files that customers import into OpenVPN 2.5, 2.6 and OpenVPN Connect. */
export class OvpnFiles {
  readonly #keys: Pick<TlsCryptKeys, 'clientKey'>;

  constructor(keys: Pick<TlsCryptKeys, 'clientKey'>) {
    this.#keys = keys;
  }

  /**
   * The file of a connection. Without a password the client asks for user name and password.
   * @throws {ServiceError} `vpn_unavailable` when the connection's relay has no OpenVPN now
   */
  of(connection: VpnConnection): OvpnFile {
    const file = this.#file(connection, null);
    if (file !== null) return file;
    throw new ServiceError(
      'vpn_unavailable',
      `OpenVPN is off: ${connection.vpnProblem ?? 'the relay is too old'}`,
    );
  }

  /** The text of the file for the one answer that may hold the password; `null` without OpenVPN. OpenVPN 2.6. */
  withPassword(connection: VpnConnection, password: string): string | null {
    return this.#file(connection, password)?.content ?? null;
  }

  #file(connection: VpnConnection, password: string | null): OvpnFile | null {
    const { id, name, username, host, relayId, vpnPort, caCertificate } = connection;
    if (vpnPort === null || caCertificate === null) return null;
    const content = [
      `# ${printable(name)}`,
      `# User name: ${username}`,
      'client',
      'dev tun',
      'proto udp',
      `remote ${host} ${vpnPort}`,
      'nobind',
      'persist-key',
      // While the client connects anew, its traffic waits in the interface: it does not leave beside it.
      'persist-tun',
      'resolv-retry infinite',
      // A daemon whose relay was killed answers for two seconds, and lets nobody in.
      'connect-retry 3 10',
      'connect-timeout 5',
      // A login that the relay's restart has interrupted is begun anew.
      'hand-window 30',
      'explicit-exit-notify 1',
      'sndbuf 0',
      'rcvbuf 2000000',
      'tls-version-min 1.2',
      'data-ciphers AES-256-GCM:AES-128-GCM:CHACHA20-POLY1305',
      'auth SHA256',
      'remote-cert-tls server',
      `verify-x509-name "${RELAY_NAME}" name`,
      'verb 3',
      ...(password === null
        ? ['auth-user-pass']
        : ['<auth-user-pass>', username, password, '</auth-user-pass>']),
      '<ca>',
      caCertificate.trim(),
      '</ca>',
      '<tls-crypt-v2>',
      this.#keys.clientKey(relayId, id).trim(),
      '</tls-crypt-v2>',
      '',
    ].join('\n');
    return { fileName: fileNameOf(name, id), content };
  }
}

/** A name may hold line breaks, which would end the comment. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
}

function fileNameOf(name: string, id: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .toLowerCase();
  return `pocketproxy-${slug || id.slice(-6)}.ovpn`;
}
