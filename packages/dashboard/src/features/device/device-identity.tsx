import type { DeviceView } from '@pocketproxy/protocol/api';
import type { ReactNode } from 'react';
import { CopyText } from '#components/copy.tsx';
import { Time } from '#components/time.tsx';
import { NOTHING } from '#lib/format.ts';

/** What the phone is, and by which id the API knows it. */
export function DeviceIdentity({ device }: { readonly device: DeviceView }) {
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Id', <CopyText key="id" text={device.id} what="device id" />],
    ['Model', device.model ?? NOTHING],
    ['System', device.osVersion ?? NOTHING],
    ['Platform', device.platform],
    [
      'Agent',
      <span key="agent" className="figures">
        {device.agentVersion}
      </span>,
    ],
    ['Paired', <Time key="paired" at={device.createdAt} />],
    ['Last rotation', <Time key="rotated" at={device.lastRotationAt} none="never" />],
  ];
  return (
    <dl className="grid max-w-2xl grid-cols-[8rem_1fr] gap-y-1.5">
      {facts.map(([label, value]) => (
        <div key={label} className="col-span-2 grid grid-cols-subgrid items-center">
          <dt className="text-muted">{label}</dt>
          <dd className="flex min-h-6 min-w-0 items-center">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
