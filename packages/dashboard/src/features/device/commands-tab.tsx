import type { CommandView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { SquareTerminal } from 'lucide-react';
import { DataTable } from '#components/data-table/data-table.tsx';
import { Section } from '#components/page.tsx';
import { EmptyState } from '#components/states.tsx';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { CancelCommand } from './cancel-command.tsx';
import { COMMAND_COLUMNS } from './command-columns.tsx';

const route = getRouteApi('/shell/devices/$id');

/** What the phone was told to do, and what came of it. */
export function CommandsTab() {
  const { id } = route.useParams();
  const { data, error, refetch } = useQuery(queries.deviceCommands(id));
  const mayCancel = usePermissions()('commands:write');
  return (
    <Section
      flush
      title="Commands"
      lead="What the phone was told to do. A phone that is away gets it when it comes back, unless its time is over by then or it was cancelled."
    >
      <DataTable
        name="commands"
        toolbar={false}
        columns={COMMAND_COLUMNS}
        rows={data?.items}
        error={error}
        onRetry={() => void refetch()}
        rowId={({ id: command }: CommandView) => command}
        {...(mayCancel && { rowActions: (command: CommandView) => <CancelCommand command={command} /> })}
        actionsWidth={88}
        empty={
          <EmptyState
            icon={SquareTerminal}
            title="No commands yet"
            command={`curl -X POST ${location.origin}/api/v1/devices/${id}/commands -H 'Authorization: Bearer <key>' -H 'Content-Type: application/json' -d '{"type":"find_phone"}'`}
          >
            Find it, reboot it or switch its Wi-Fi with the buttons above, or by the API.
          </EmptyState>
        }
      />
    </Section>
  );
}
