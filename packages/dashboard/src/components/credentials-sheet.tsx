import { Download } from 'lucide-react';
import { saveFile } from '#lib/save-file.ts';
import { SecretSheet } from './secret-sheet.tsx';
import { Button } from './ui/button.tsx';

/** What a customer needs; the password is known here and never again. */
export interface Credentials {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly protocols: readonly string[];
  /** Client file for OpenVPN; `null` while OpenVPN is off. */
  readonly ovpn: string | null;
}

export interface CredentialsSheetProps {
  readonly title: string;
  /** `null` closes it. */
  readonly credentials: Credentials | null;
  readonly onClose: () => void;
}

/** Shows new credentials once, in every form that a program takes. */
export function CredentialsSheet({ title, credentials, onClose }: CredentialsSheetProps) {
  return (
    <SecretSheet
      {...{ title, onClose }}
      what="The password"
      remedy="A new password can take its place."
      lines={credentials && linesOf(credentials)}
      actions={
        credentials &&
        credentials.ovpn !== null && <OvpnButton {...{ name: credentials.name, ovpn: credentials.ovpn }} />
      }
    />
  );
}

function OvpnButton({ name, ovpn }: { readonly name: string; readonly ovpn: string }) {
  return (
    <Button
      onClick={() => saveFile(`${name}.ovpn`, new Blob([ovpn], { type: 'application/x-openvpn-profile' }))}
    >
      <Download aria-hidden />
      Download .ovpn
    </Button>
  );
}

/** Every form in which the credentials are wanted, in the order in which they are wanted most. */
export function linesOf({ host, port, username, password, protocols }: Credentials) {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const login = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
  const url = (scheme: string): string => `${scheme}://${login}@${authority}`;
  return [
    { label: 'host:port:user:pass', text: `${authority}:${username}:${password}` },
    ...(protocols.includes('http') ? [{ label: 'HTTP', text: url('http') }] : []),
    ...(protocols.includes('socks5') ? [{ label: 'SOCKS5', text: url('socks5h') }] : []),
    { label: 'curl', text: `curl -x '${url('http')}' http://ip.pocketproxy.internal/` },
    { label: 'User name', text: username },
    { label: 'Password', text: password },
  ];
}
