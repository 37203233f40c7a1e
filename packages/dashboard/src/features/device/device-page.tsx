import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Outlet } from '@tanstack/react-router';
import { RotateCw } from 'lucide-react';
import { useMemo } from 'react';
import { CopyText } from '#components/copy.tsx';
import { PageHeader } from '#components/page.tsx';
import { PageTabs } from '#components/page-tabs.tsx';
import { ErrorState } from '#components/states.tsx';
import { DeviceStatus } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { Button } from '#components/ui/button.tsx';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { usePageActions } from '#lib/page-actions.ts';
import { useRotate } from '#lib/rotate.ts';

const route = getRouteApi('/shell/devices/$id');

const TABS = [
  { label: 'Connections', to: '/devices/$id/connections' },
  { label: 'Rotation', to: '/devices/$id/rotation' },
  { label: 'Metrics', to: '/devices/$id/metrics' },
  { label: 'Usage', to: '/devices/$id/usage' },
  { label: 'Commands', to: '/devices/$id/commands' },
  { label: 'Settings', to: '/devices/$id/settings' },
] as const;

/** One phone: how it is, where it exits, and everything about it in tabs. */
export function DevicePage() {
  const params = route.useParams();
  const { data: device, error, refetch } = useQuery(queries.device(params.id));
  const may = usePermissions();
  const { mutate, isPending } = useRotate();
  const mayRotate = may('rotations:write');
  const name = device?.name ?? 'Device';
  const rotate = useMemo(() => {
    const run = (): void => mutate({ id: params.id, name });
    return { id: 'rotate', label: `Rotate ${name}`, icon: RotateCw, shortcut: 'r', run };
  }, [mutate, params.id, name]);
  usePageActions(useMemo(() => (mayRotate ? [rotate] : []), [mayRotate, rotate]));
  if (error && !device) {
    return <ErrorState error={error} title="The device could not be read" onRetry={() => void refetch()} />;
  }
  return (
    <>
      <PageHeader
        title={name}
        crumbs={[{ label: 'Devices', to: '/devices' }]}
        aside={device && <DeviceStatus status={device.status} rotating={isPending} />}
        actions={
          mayRotate && (
            <Button variant="primary" busy={isPending} onClick={rotate.run}>
              <RotateCw aria-hidden />
              Rotate
            </Button>
          )
        }
      >
        <p className="flex min-h-6 flex-wrap items-center gap-x-4 text-muted">
          {device?.exitIp && <CopyText text={device.exitIp} what="exit address" />}
          {device && (
            <span>
              {[device.carrier, device.networkType].filter(Boolean).join(' ')} seen{' '}
              <Time at={device.lastSeenAt} />
            </span>
          )}
        </p>
      </PageHeader>
      <PageTabs label={`Parts of ${name}`} tabs={TABS} params={params} />
      <Outlet />
    </>
  );
}
