import type { DeviceView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Outlet } from '@tanstack/react-router';
import { PageHeader } from '#components/page.tsx';
import { type PageTab, PageTabs } from '#components/page-tabs.tsx';
import { ErrorState } from '#components/states.tsx';
import { DeviceStatus } from '#components/status.tsx';
import { Alert } from '#components/ui/alert.tsx';
import { isGone } from '#lib/api/api-error.ts';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { DeviceActions } from './device-actions.tsx';
import { DeviceFacts } from './device-facts.tsx';
import { RotationProgress } from './rotation-progress.tsx';

const route = getRouteApi('/shell/devices/$id');

/** Each part with what is needed to see it. */
const TABS: readonly (PageTab & { readonly permission: string })[] = [
  { label: 'Connections', to: '/devices/$id/connections', permission: 'connections:read' },
  { label: 'Rotation', to: '/devices/$id/rotation', permission: 'rotations:read' },
  { label: 'Metrics', to: '/devices/$id/metrics', permission: 'devices:read' },
  { label: 'Usage', to: '/devices/$id/usage', permission: 'devices:read' },
  { label: 'Commands', to: '/devices/$id/commands', permission: 'commands:read' },
  { label: 'Settings', to: '/devices/$id/settings', permission: 'devices:read' },
];

/** One phone: how it is, where it exits, and everything about it in tabs. */
export function DevicePage() {
  const params = route.useParams();
  const may = usePermissions();
  const { data: device, error, refetch } = useQuery(queries.device(params.id));
  const { data: rotations } = useQuery({
    ...queries.deviceRotations(params.id),
    enabled: may('rotations:read'),
  });
  const rotation = rotations?.items[0];
  const rotating = rotation !== undefined && rotation.finishedAt === null;
  const name = device?.name ?? 'Device';
  if (error && (!device || isGone(error))) {
    return (
      <>
        <PageHeader title="Device" crumbs={[{ label: 'Devices', to: '/devices' }]} />
        <ErrorState error={error} title="The device could not be read" onRetry={() => void refetch()} />
      </>
    );
  }
  return (
    <>
      <PageHeader
        title={name}
        crumbs={[{ label: 'Devices', to: '/devices' }]}
        aside={device && <DeviceStatus status={device.status} rotating={rotating} />}
        actions={device && <DeviceActions {...{ device, rotating }} />}
      >
        <div className="pt-2">
          <DeviceFacts device={device} />
        </div>
      </PageHeader>
      <RotationProgress rotation={rotation} key={params.id} />
      {device && <Warning device={device} />}
      <PageTabs
        label={`Parts of ${name}`}
        tabs={TABS.filter(({ permission }) => may(permission))}
        params={params}
      />
      <Outlet />
    </>
  );
}

/** What keeps the phone from its main task. */
function Warning({ device }: { readonly device: DeviceView }) {
  const missing = device.missingCapabilities.find(({ name }) => name === 'rotate_ip');
  if (!missing) return null;
  return (
    <Alert tone="warning" className="mx-6 mb-4 max-md:mx-4" title={`It cannot rotate: ${missing.reason}`}>
      {missing.fix}.{' '}
      <Link
        to="/devices/$id/settings"
        params={{ id: device.id }}
        hash="abilities"
        className="text-foreground underline underline-offset-4"
      >
        What this phone can do
      </Link>
    </Alert>
  );
}
