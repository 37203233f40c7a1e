import type { CommandType, DeviceView } from '@pocketproxy/protocol/api';
import { Check, X } from 'lucide-react';
import { missingReason } from './abilities.ts';
import { COMMAND_LABELS } from './use-command.ts';

const ABILITIES: readonly CommandType[] = [
  ...(['rotate_ip', 'find_phone', 'reboot', 'wifi_on', 'wifi_off', 'restart_agent', 'update_agent'] as const),
];

/** Each order, whether this phone carries it out, and what is to be done where it does not. */
export function AbilityList({ device }: { readonly device: DeviceView }) {
  return (
    <ul className="flex max-w-2xl flex-col divide-y divide-border rounded-md border border-border">
      {ABILITIES.map((type) => {
        const missing = device.missingCapabilities.find(({ name }) => name === type);
        const why = missingReason(device, type);
        const Icon = why === null ? Check : X;
        return (
          <li key={type} className="flex gap-3 px-3 py-2">
            <Icon
              role="img"
              aria-label={why === null ? 'Yes' : 'No'}
              className={`mt-px size-4 shrink-0 ${why === null ? 'text-green' : 'text-faint'}`}
            />
            <div className="flex min-w-0 flex-col gap-0.5">
              <span className="font-medium">{COMMAND_LABELS[type]}</span>
              {why !== null && <span className="text-muted">{why}</span>}
              {missing && <span className="text-muted">{`To do: ${missing.fix}`}</span>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
