import type { IpHistoryEntry, RotationView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Plus, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { CopyButton } from '#components/copy.tsx';
import { DataTable } from '#components/data-table/data-table.tsx';
import { Section } from '#components/page.tsx';
import { CreateLink } from '#components/rotation-links/create-link.tsx';
import { LinksTable } from '#components/rotation-links/links-table.tsx';
import { EmptyState, ErrorState } from '#components/states.tsx';
import { Button } from '#components/ui/button.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { ADDRESS_COLUMNS, ROTATION_COLUMNS } from './rotation-columns.tsx';
import { RotationSettings } from './rotation-settings.tsx';

const route = getRouteApi('/shell/devices/$id');

/** When a phone rotates, who else may have it rotated, and what came of it. */
export function RotationTab() {
  const { id } = route.useParams();
  const may = usePermissions();
  const { data: device } = useQuery(queries.device(id));
  return (
    <>
      <Section title="Schedule and limits">
        {device ? <RotationSettings device={device} key={id} /> : <SettingsSkeleton />}
      </Section>
      {may('rotation-links:read') && <Links id={id} />}
      <Rotations id={id} />
      <Addresses id={id} />
    </>
  );
}

function Links({ id }: { readonly id: string }) {
  const [creating, setCreating] = useState(false);
  const mayWrite = usePermissions()('rotation-links:write');
  return (
    <Section
      flush
      title="Rotation links"
      lead="Who opens one has this phone rotated, without an account."
      actions={
        mayWrite && (
          <Button onClick={() => setCreating(true)}>
            <Plus aria-hidden />
            Create a link
          </Button>
        )
      }
    >
      <LinksTable deviceId={id} onCreate={() => setCreating(true)} />
      <CreateLink open={creating} onClose={() => setCreating(false)} deviceId={id} />
    </Section>
  );
}

function Rotations({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(queries.deviceRotations(id));
  const mayRotate = usePermissions()('rotations:write');
  return (
    <Section flush title="Rotations" lead="The newest first, with what came of each.">
      <DataTable
        name="rotations"
        toolbar={false}
        columns={ROTATION_COLUMNS}
        rows={data?.items}
        error={error}
        onRetry={() => void refetch()}
        rowId={({ id: rotation }: RotationView) => rotation}
        empty={
          <EmptyState
            icon={RotateCw}
            title="Not rotated yet"
            {...(mayRotate && {
              command: `curl -X POST ${location.origin}/api/v1/devices/${id}/rotate -H 'Authorization: Bearer <key>'`,
            })}
          >
            {mayRotate
              ? 'Press Rotate, set a schedule or give a link away.'
              : 'Each shows up here by itself.'}
          </EmptyState>
        }
      />
    </Section>
  );
}

function Addresses({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(queries.deviceIpHistory(id));
  if (error && !data) {
    return <ErrorState error={error} title="Addresses could not be read" onRetry={() => void refetch()} />;
  }
  return (
    <Section flush title="Addresses" lead="The last 50 that this phone had, by rotation or by itself.">
      <DataTable
        name="addresses"
        toolbar={false}
        columns={ADDRESS_COLUMNS}
        rows={data?.items}
        rowId={({ id: entry }: IpHistoryEntry) => entry}
        rowActions={({ ip }) => <CopyButton text={ip} what={`address ${ip}`} />}
        actionsWidth={48}
        empty={
          <EmptyState title="No address yet">
            It shows up when the phone connects for the first time.
          </EmptyState>
        }
      />
    </Section>
  );
}

function SettingsSkeleton() {
  return (
    <div className="grid min-h-[436px] max-w-2xl content-start gap-x-8 gap-y-5 sm:grid-cols-2">
      {['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((key) => (
        <div key={key} className="flex h-20 flex-col gap-2">
          <Skeleton className="h-3 w-32" />
          <Skeleton className="h-8" />
        </div>
      ))}
    </div>
  );
}
