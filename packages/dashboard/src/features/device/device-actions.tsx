import type { CommandType, DeviceView } from '@pocketproxy/protocol/api';
import {
  BellRing,
  Download,
  Ellipsis,
  type LucideIcon,
  Power,
  QrCode,
  RefreshCw,
  RotateCw,
  Trash2,
  Wifi,
  WifiOff,
} from 'lucide-react';
import { useState } from 'react';
import { PairDialog } from '#components/pairing/pair-dialog.tsx';
import { Button } from '#components/ui/button.tsx';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '#components/ui/dropdown-menu.tsx';
import { usePermissions } from '#lib/api/use-session.ts';
import { usePageAction } from '#lib/page-actions.ts';
import { useRotate } from '#lib/rotate.ts';
import { missingReason, whyNot } from './abilities.ts';
import { ConfirmReboot } from './confirm-reboot.tsx';
import { DeleteDevice } from './delete-device.tsx';
import { COMMAND_LABELS, useCommand } from './use-command.ts';

/** For how long a phone rings that is looked for, in seconds. */
const RING_SECONDS = 30;

const MENU: readonly (readonly [CommandType, LucideIcon])[] = [
  ['reboot', Power],
  ['restart_agent', RefreshCw],
  ['update_agent', Download],
  ['wifi_on', Wifi],
  ['wifi_off', WifiOff],
];

type OpenDialog = 'reboot' | 'pair' | 'delete' | null;

export interface DeviceActionsProps {
  readonly device: DeviceView;
  /** A rotation is under way. */
  readonly rotating: boolean;
}

/** What can be done with a phone: the usual in sight, the rest in a menu, all of it in the palette. */
export function DeviceActions({ device, rotating }: DeviceActionsProps) {
  const may = usePermissions();
  const [dialog, setDialog] = useState<OpenDialog>(null);
  const rotate = useRotate();
  const command = useCommand(device);
  const close = (): void => setDialog(null);
  const mayRotate = may('rotations:write');
  const mayCommand = may('commands:write');
  const send = (type: CommandType): void => {
    if (type === 'reboot') setDialog('reboot');
    else command.mutate(type === 'find_phone' ? { type, seconds: RING_SECONDS } : { type });
  };
  const [noRotation, noRinging] = [whyNot(device, 'rotate_ip'), whyNot(device, 'find_phone')];
  const run = (): void => rotate.mutate({ id: device.id, name: device.name });
  usePageAction({
    ...{ id: 'rotate', label: `Rotate ${device.name}`, icon: RotateCw, shortcut: 'r', run },
    enabled: mayRotate && noRotation === null,
  });
  usePageAction({
    ...{ id: 'find', label: `Find ${device.name}`, icon: BellRing, shortcut: 'f' },
    run: () => send('find_phone'),
    enabled: mayCommand && noRinging === null,
  });
  return (
    <>
      {mayCommand && (
        <Button
          busy={command.isPending && command.variables.type === 'find_phone'}
          disabled={noRinging !== null}
          title={noRinging ?? `Rings for ${RING_SECONDS} s (f)`}
          onClick={() => send('find_phone')}
        >
          <BellRing aria-hidden />
          Find phone
        </Button>
      )}
      {mayRotate && (
        <Button
          variant="primary"
          busy={rotating || rotate.isPending}
          disabled={noRotation !== null}
          title={noRotation ?? 'Gets a new address (r)'}
          onClick={run}
        >
          {!(rotating || rotate.isPending) && <RotateCw aria-hidden />}
          Rotate
        </Button>
      )}
      <More {...{ device, send, onOpen: setDialog }} />
      <ConfirmReboot
        open={dialog === 'reboot'}
        onOpenChange={close}
        device={device}
        onConfirm={() => command.mutate({ type: 'reboot' })}
      />
      <PairDialog open={dialog === 'pair'} onOpenChange={close} device={device} />
      <DeleteDevice open={dialog === 'delete'} onOpenChange={close} device={device} />
    </>
  );
}

interface MoreProps {
  readonly device: DeviceView;
  readonly send: (type: CommandType) => void;
  readonly onOpen: (dialog: OpenDialog) => void;
}

function More({ device, send, onOpen }: MoreProps) {
  const may = usePermissions();
  const [mayCommand, mayPair, mayDelete] = [
    may('commands:write'),
    may('pairing:write'),
    may('devices:write'),
  ];
  if (!mayCommand && !mayPair && !mayDelete) return null;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label="More actions">
          <Ellipsis />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent className="w-64">
        {mayCommand &&
          MENU.map(([type, Icon]) => {
            const missing = missingReason(device, type);
            return (
              <DropdownMenuItem
                key={type}
                disabled={missing !== null}
                className="h-auto min-h-7 items-start py-1"
                onSelect={() => send(type)}
              >
                <Icon aria-hidden className="mt-px" />
                <span className="flex min-w-0 flex-col">
                  {COMMAND_LABELS[type]}
                  {missing !== null && <span className="text-xs">{missing}</span>}
                </span>
              </DropdownMenuItem>
            );
          })}
        {mayCommand && (mayPair || mayDelete) && <DropdownMenuSeparator />}
        {mayPair && (
          <DropdownMenuItem onSelect={() => onOpen('pair')}>
            <QrCode aria-hidden />
            Pair anew
          </DropdownMenuItem>
        )}
        {mayDelete && (
          <DropdownMenuItem danger onSelect={() => onOpen('delete')}>
            <Trash2 aria-hidden />
            Delete device
          </DropdownMenuItem>
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
