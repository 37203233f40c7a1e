import type { DeviceView } from '@pocketproxy/protocol/api';
import { CopyText } from '#components/copy.tsx';
import { Facts } from '#components/facts.tsx';
import { Time } from '#components/time.tsx';
import { NOTHING } from '#lib/format.ts';

/** What the phone is, and by which id the API knows it. */
export function DeviceIdentity({ device }: { readonly device: DeviceView }) {
  return (
    <Facts
      facts={[
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
      ]}
    />
  );
}
