import { Download } from 'lucide-react';
import { saveFile } from '#lib/save-file.ts';
import { CopyButton } from './copy.tsx';
import { Alert } from './ui/alert.tsx';
import { Button } from './ui/button.tsx';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from './ui/dialog.tsx';

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
    <Dialog open={credentials !== null} onOpenChange={(open) => !open && onClose()}>
      {credentials && (
        <DialogContent
          title={title}
          className="w-[min(40rem,calc(100vw-2rem))]"
          // Nothing that is shown once goes away by a click beside it.
          onInteractOutside={(event) => event.preventDefault()}
        >
          <DialogBody>
            <Alert tone="warning" title="The password is shown this once">
              Copy what you need now. It cannot be read again, only replaced by a new one.
            </Alert>
            <dl className="flex flex-col divide-y divide-border rounded-md border border-border">
              {linesOf(credentials).map(({ label, text }) => (
                <div key={label} className="flex items-center gap-3 py-1 pr-1.5 pl-3">
                  <dt className="w-28 shrink-0 text-muted text-xs">{label}</dt>
                  <dd className="figures min-w-0 flex-1 truncate" title={text}>
                    {text}
                  </dd>
                  <CopyButton text={text} what={label} />
                </div>
              ))}
            </dl>
          </DialogBody>
          <DialogFooter>
            {credentials.ovpn !== null && (
              <OvpnButton {...{ name: credentials.name, ovpn: credentials.ovpn }} />
            )}
            <DialogClose asChild>
              <Button variant="primary">Done</Button>
            </DialogClose>
          </DialogFooter>
        </DialogContent>
      )}
    </Dialog>
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
