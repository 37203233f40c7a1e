import type { DeviceView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { Battery } from '#components/battery.tsx';
import { CopyText } from '#components/copy.tsx';
import { Signal } from '#components/signal.tsx';
import { type Stat, StatLine } from '#components/stat-line.tsx';
import { Time } from '#components/time.tsx';
import { Traffic } from '#components/traffic.tsx';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { NOTHING } from '#lib/format.ts';

/** Is it fine, where does it exit, how much today. `undefined` while it is read. */
export function DeviceFacts({ device }: { readonly device: DeviceView | undefined }) {
  const may = usePermissions();
  const { data: totals } = useQuery({ ...queries.deviceTotals(), enabled: may('stats:read') });
  const today = totals?.items.find(({ deviceId }) => deviceId === device?.id);
  const stats: Stat[] = [
    {
      label: 'Exit address',
      value:
        device &&
        (device.exitIp === null ? (
          <span className="text-faint">{NOTHING}</span>
        ) : (
          // Mounted anew when it has changed, which shows it.
          <CopyText
            key={device.exitIp}
            text={device.exitIp}
            what="exit address"
            className="animate-changed"
          />
        )),
    },
    {
      label: 'Network',
      value: device && ([device.carrier, device.networkType].filter(Boolean).join(' ') || <None />),
    },
    { label: 'Signal', value: device && <Signal dbm={device.signalDbm} /> },
    {
      label: 'Battery',
      value: device && <Battery percent={device.batteryPercent} charging={device.batteryCharging} />,
    },
    ...(may('stats:read')
      ? [
          {
            label: 'Today (UTC)',
            value: device && totals && (
              <Traffic down={today?.bytesDownToday ?? 0} up={today?.bytesUpToday ?? 0} />
            ),
          },
        ]
      : []),
    { label: 'Next rotation', value: device && <Time at={device.nextRotationAt} none="by hand" /> },
    { label: 'Last seen', value: device && <Time at={device.lastSeenAt} none="never" /> },
  ];
  return <StatLine stats={stats} />;
}

function None() {
  return <span className="text-faint">{NOTHING}</span>;
}
