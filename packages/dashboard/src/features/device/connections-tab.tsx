import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { ConnectionsTable } from '#components/connections/connections-table.tsx';
import { CreateConnection } from '#components/connections/create-connection.tsx';
import { Section } from '#components/page.tsx';
import { Button } from '#components/ui/button.tsx';
import { usePermissions } from '#lib/api/use-session.ts';

const route = getRouteApi('/shell/devices/$id/connections');

/** Who uses this phone, and how much. */
export function ConnectionsTab() {
  const { id } = route.useParams();
  const { create } = route.useSearch();
  const navigate = useNavigate({ from: '/devices/$id/connections' });
  const mayWrite = usePermissions()('connections:write');
  const open = (next: 'new' | undefined): void =>
    void navigate({ search: (old) => ({ ...old, create: next }), replace: true });
  return (
    <Section
      flush
      title="Connections"
      actions={
        mayWrite && (
          <Button onClick={() => open('new')}>
            <Plus aria-hidden />
            Create connection
          </Button>
        )
      }
    >
      <ConnectionsTable deviceId={id} onCreate={() => open('new')} />
      <CreateConnection
        open={mayWrite && create !== undefined}
        onClose={() => open(undefined)}
        deviceId={id}
      />
    </Section>
  );
}
