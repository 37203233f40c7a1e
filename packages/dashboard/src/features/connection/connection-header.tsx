import type { ConnectionView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { CircleOff, CirclePlay, Download, KeyRound } from 'lucide-react';
import { useState } from 'react';
import { type Asked, ConnectionDialogs } from '#components/connections/connection-dialogs.tsx';
import { ConnectionMenu } from '#components/connections/connection-menu.tsx';
import { endpointOf } from '#components/connections/endpoints.ts';
import { useConnectionActions } from '#components/connections/use-connection-actions.ts';
import { CopyText } from '#components/copy.tsx';
import { PageHeader } from '#components/page.tsx';
import { ConnectionStatus, DeviceStatus } from '#components/status.tsx';
import { Button } from '#components/ui/button.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { isGone } from '#lib/api/api-error.ts';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { usePageAction } from '#lib/page-actions.ts';

/** Name, status, where it leads, and what can be done to it. */
export function ConnectionHeader({ connection }: { readonly connection: ConnectionView }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const navigate = useNavigate();
  const { toggle, download } = useConnectionActions();
  const mayWrite = usePermissions()('connections:write');
  const { enabled } = connection;
  usePageAction({
    ...{ id: 'new-password', label: `New password for ${connection.name}`, icon: KeyRound },
    ...{ enabled: mayWrite, run: () => setAsked({ what: 'password', connection }) },
  });
  return (
    <PageHeader
      title={connection.name}
      crumbs={[{ label: 'Connections', to: '/connections' }]}
      aside={<ConnectionStatus status={connection.status} />}
      actions={
        <>
          {connection.protocols.includes('openvpn') && (
            <Button busy={download.isPending} onClick={() => download.mutate(connection)}>
              <Download aria-hidden />
              .ovpn
            </Button>
          )}
          {mayWrite && (
            <Button busy={toggle.isPending} onClick={() => toggle.mutate(connection)}>
              {enabled ? <CircleOff aria-hidden /> : <CirclePlay aria-hidden />}
              {enabled ? 'Disable' : 'Enable'}
            </Button>
          )}
          <ConnectionMenu connection={connection} onAsk={setAsked} />
        </>
      }
    >
      <div className="flex min-h-6 flex-wrap items-center gap-x-5 gap-y-1 text-muted">
        <CopyText text={endpointOf(connection)} what="endpoint" className="text-foreground" />
        <CopyText text={connection.username} what="user name" />
        <Phone id={connection.deviceId} />
      </div>
      <ConnectionDialogs
        asked={asked}
        onClose={() => setAsked(null)}
        onDeleted={() => void navigate({ to: '/connections', replace: true })}
      />
    </PageHeader>
  );
}

/** The phone that traffic leaves through, and the address that it has now. */
function Phone({ id }: { readonly id: string }) {
  const { data: device, error } = useQuery(queries.device(id));
  // A customer sees a connection of its own, but not always the phone.
  if (error && (!device || isGone(error))) return null;
  if (!device) return <Skeleton className="w-48" />;
  return (
    <span className="inline-flex min-w-0 items-center gap-2">
      through
      <Link to="/devices/$id" params={{ id }} className="truncate text-foreground hover:underline">
        {device.name}
      </Link>
      <DeviceStatus status={device.status} />
      {device.exitIp !== null && <CopyText text={device.exitIp} what="exit address" />}
    </span>
  );
}
