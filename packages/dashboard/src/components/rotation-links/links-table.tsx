import type { RotationLinkView } from '@pocketproxy/protocol/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link2, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { api } from '#lib/api/client.ts';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { notify } from '#lib/notify.ts';
import { useNow } from '#lib/now.ts';
import { ConfirmDelete } from '../confirm-delete.tsx';
import { DataTable } from '../data-table/data-table.tsx';
import { EmptyState } from '../states.tsx';
import { Button } from '../ui/button.tsx';
import { LINK_COLUMNS, LINK_COLUMNS_OF_DEVICE, type LinkRow } from './link-columns.tsx';

export interface LinksTableProps {
  /** Those of one phone, without search and choice of columns. */
  readonly deviceId?: string;
  /** Opens `CreateLink`. */
  readonly onCreate: () => void;
}

/** Rotation links with what they are and when they were used; each can be revoked. */
export function LinksTable({ deviceId, onCreate }: LinksTableProps) {
  const [revoked, setRevoked] = useState<RotationLinkView | null>(null);
  const { rows, error, refetch } = useLinkRows(deviceId);
  const mayWrite = usePermissions()('rotation-links:write');
  return (
    <>
      <DataTable
        name="rotation links"
        columns={deviceId === undefined ? LINK_COLUMNS : LINK_COLUMNS_OF_DEVICE}
        toolbar={deviceId === undefined}
        {...{ rows, error, onRetry: refetch }}
        rowId={({ id }) => id}
        isDimmed={({ expired }) => expired}
        searchText={({ name, deviceName, url }) => `${name} ${deviceName ?? ''} ${url}`}
        {...(mayWrite && {
          rowActions: (link: LinkRow) => (
            <Button variant="ghost" size="sm" onClick={() => setRevoked(link)}>
              <Trash2 aria-hidden />
              Revoke
              <span className="sr-only">{link.name}</span>
            </Button>
          ),
        })}
        actionsWidth={100}
        empty={
          <EmptyState
            icon={Link2}
            title="No rotation links yet"
            action={mayWrite && <Button onClick={onCreate}>Create a link</Button>}
            command={`curl -X POST ${location.origin}/api/v1/rotation-links -H 'Authorization: Bearer <key>' -H 'Content-Type: application/json' -d '{"deviceId":"${deviceId ?? '<device>'}","name":"acme"}'`}
          >
            Who opens a rotation link gives one phone a new address, without an account.
          </EmptyState>
        }
      />
      <RevokeLink link={revoked} onClose={() => setRevoked(null)} />
    </>
  );
}

/** Links with the names of their phones; those of one phone when it is given. */
function useLinkRows(deviceId: string | undefined) {
  const links = useQuery(queries.rotationLinks());
  const { data: devices } = useQuery(queries.devices());
  const now = useNow();
  const names = useMemo(() => new Map(devices?.map(({ id, name }) => [id, name])), [devices]);
  const rows = useMemo(
    () =>
      links.data
        ?.filter((link) => deviceId === undefined || link.deviceId === deviceId)
        .map(
          (link): LinkRow => ({
            ...link,
            deviceName: names.get(link.deviceId) ?? null,
            expired: link.expiresAt !== null && Date.parse(link.expiresAt) <= now,
          }),
        ),
    [links.data, names, deviceId, now],
  );
  return { rows, error: links.error, refetch: () => void links.refetch() };
}

function RevokeLink({
  link,
  onClose,
}: {
  readonly link: RotationLinkView | null;
  readonly onClose: () => void;
}) {
  const client = useQueryClient();
  if (link === null) return null;
  const revoke = async (): Promise<void> => {
    await api.delete('/rotation-links/:id', { id: link.id });
    client.setQueryData<RotationLinkView[]>(queries.rotationLinks().queryKey, (old) =>
      old?.filter(({ id }) => id !== link.id),
    );
    notify.done(`Rotation link ${link.name} revoked`);
  };
  return (
    <ConfirmDelete
      open
      onOpenChange={(open) => !open && onClose()}
      verb="Revoke"
      kind="link"
      name={link.name}
      dependants={['Whoever has the link cannot rotate the phone with it any more']}
      onConfirm={revoke}
    />
  );
}
