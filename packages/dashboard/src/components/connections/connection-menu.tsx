import type { ConnectionView } from '@pocketproxy/protocol/api';
import { CircleOff, CirclePlay, Download, Ellipsis, KeyRound, RotateCcw, Trash2 } from 'lucide-react';
import { usePermissions } from '#lib/api/use-session.ts';
import { Button } from '../ui/button.tsx';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx';
import type { Asked } from './connection-dialogs.tsx';
import { useConnectionActions } from './use-connection-actions.ts';

export interface ConnectionMenuProps {
  readonly connection: ConnectionView;
  /** For what needs a word more: give it to `ConnectionDialogs`. */
  readonly onAsk: (asked: Asked) => void;
  /** Smaller, for rows. */
  readonly small?: boolean;
}

/** Everything that can be done to a connection. */
export function ConnectionMenu({ connection, onAsk, small = false }: ConnectionMenuProps) {
  const { toggle, download } = useConnectionActions();
  const mayWrite = usePermissions()('connections:write');
  const hasVpn = connection.protocols.includes('openvpn');
  if (!mayWrite && !hasVpn) return null;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button
          variant={small ? 'ghost' : 'secondary'}
          size={small ? 'icon-sm' : 'icon'}
          aria-label={`More for ${connection.name}`}
        >
          <Ellipsis aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {hasVpn && (
          <DropdownMenuItem onSelect={() => download.mutate(connection)}>
            <Download aria-hidden />
            Download .ovpn
          </DropdownMenuItem>
        )}
        {mayWrite && (
          <>
            <DropdownMenuItem onSelect={() => onAsk({ what: 'password', connection })}>
              <KeyRound aria-hidden />
              New password…
            </DropdownMenuItem>
            <DropdownMenuItem onSelect={() => onAsk({ what: 'reset', connection })}>
              <RotateCcw aria-hidden />
              Reset usage…
            </DropdownMenuItem>
            <DropdownMenuItem onSelect={() => toggle.mutate(connection)}>
              {connection.enabled ? <CircleOff aria-hidden /> : <CirclePlay aria-hidden />}
              {connection.enabled ? 'Disable' : 'Enable'}
            </DropdownMenuItem>
            <DropdownMenuSeparator />
            <DropdownMenuItem danger onSelect={() => onAsk({ what: 'delete', connection })}>
              <Trash2 aria-hidden />
              Delete…
            </DropdownMenuItem>
          </>
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
