import type { ConnectionView } from '@pocketproxy/protocol/api';
import { Link } from '@tanstack/react-router';
import { Section } from '#components/page.tsx';
import { SecretLines } from '#components/secret-sheet.tsx';
import { usePermissions } from '#lib/api/use-session.ts';
import { endpointLines } from './endpoint-lines.ts';

/** How clients reach it. */
export function EndpointsSection({ connection }: { readonly connection: ConnectionView }) {
  return (
    <Section title="Endpoints">
      <SecretLines lines={endpointLines(connection)} />
      <p className="text-faint text-xs">
        The password was shown when it was made and cannot be read again; a new one can take its place.
        {connection.protocols.includes('openvpn') ? (
          ' The .ovpn file, for OpenVPN, asks for user name and password.'
        ) : (
          <NoVpn />
        )}
      </p>
    </Section>
  );
}

/** Why is told to those who can change it. */
function NoVpn() {
  if (!usePermissions()('server:read')) return ' OpenVPN is off here.';
  return (
    <>
      {' '}
      OpenVPN is off here:{' '}
      <Link to="/settings/server" className="underline underline-offset-2">
        Settings
      </Link>{' '}
      say why.
    </>
  );
}
