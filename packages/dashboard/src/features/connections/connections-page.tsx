import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { ConnectionsTable } from '#components/connections/connections-table.tsx';
import { CreateConnection } from '#components/connections/create-connection.tsx';
import { PageHeader } from '#components/page.tsx';
import { Button } from '#components/ui/button.tsx';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { usePageAction } from '#lib/page-actions.ts';
import { useConnectionFilters } from './connection-filters.tsx';

const route = getRouteApi('/shell/connections');

/** Every connection of every phone. The dialog that makes one is in the URL: `?create=any` or a device's id. */
export function ConnectionsPage() {
  const { data: devices } = useQuery(queries.devices());
  const { create } = route.useSearch();
  const navigate = useNavigate();
  const mayWrite = usePermissions()('connections:write');
  const { keep, clear, menus } = useConnectionFilters();
  const show = (dialog: 'any' | undefined): void =>
    void navigate({ to: '/connections', search: (old) => ({ ...old, create: dialog }), replace: true });
  usePageAction({
    ...{ id: 'create-connection', label: 'Create a connection', icon: Plus, shortcut: 'n' },
    ...{ enabled: mayWrite, run: () => show('any') },
  });
  return (
    <>
      <PageHeader
        title="Connections"
        aside={<Counts />}
        actions={
          mayWrite && (
            <Button variant="primary" onClick={() => show('any')}>
              <Plus aria-hidden />
              Create connection
            </Button>
          )
        }
      />
      <ConnectionsTable onCreate={() => show('any')} filters={menus} keep={keep} onClearFilters={clear} />
      <CreateConnection
        open={mayWrite && create !== undefined && devices !== undefined}
        onClose={() => show(undefined)}
        deviceId={devices?.find(({ id }) => id === create)?.id}
      />
    </>
  );
}

/** How many there are, and how many let somebody in. */
function Counts() {
  const { data } = useQuery(queries.connections());
  if (!data) return null;
  const active = data.filter(({ status }) => status === 'active').length;
  return <span className="text-muted">{`${active} active · ${data.length - active} not`}</span>;
}
