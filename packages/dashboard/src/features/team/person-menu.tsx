import type { UserDetail } from '@pocketproxy/protocol/api';
import { useQueryClient } from '@tanstack/react-query';
import { Ban, CircleCheck, Ellipsis, KeyRound, Pencil, ShieldOff, Trash2 } from 'lucide-react';
import { Button } from '#components/ui/button.tsx';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '#components/ui/dropdown-menu.tsx';
import { api } from '#lib/api/client.ts';
import { notify } from '#lib/notify.ts';
import { usersQuery } from './team-queries.ts';

/** What is done to somebody after being asked once more. */
export type PersonStep = 'edit' | 'password' | 'two-factor' | 'disable' | 'delete';

export interface PersonMenuProps {
  readonly user: UserDetail;
  /** One cannot lock oneself out. */
  readonly isSelf: boolean;
  readonly onStep: (step: PersonStep, user: UserDetail) => void;
}

/** What an administrator can do with an account. */
export function PersonMenu({ user, isSelf, onStep }: PersonMenuProps) {
  const client = useQueryClient();
  const enable = async (): Promise<void> => {
    try {
      await api.patch('/users/:id', { id: user.id, body: { disabled: false } });
      await client.invalidateQueries({ queryKey: usersQuery.queryKey });
      notify.done(`${user.name} can sign in again`);
    } catch (error) {
      notify.failed(`${user.name} was not enabled`, error);
    }
  };
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon-sm" aria-label={`Actions for ${user.name}`}>
          <Ellipsis />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuItem onSelect={() => onStep('edit', user)}>
          <Pencil aria-hidden />
          Change name and role
        </DropdownMenuItem>
        {!isSelf && (
          <>
            <DropdownMenuItem onSelect={() => onStep('password', user)}>
              <KeyRound aria-hidden />
              New password
            </DropdownMenuItem>
            {user.twoFactorEnabled && (
              <DropdownMenuItem onSelect={() => onStep('two-factor', user)}>
                <ShieldOff aria-hidden />
                Turn off second factor
              </DropdownMenuItem>
            )}
            <DropdownMenuSeparator />
            {user.disabled ? (
              <DropdownMenuItem onSelect={() => void enable()}>
                <CircleCheck aria-hidden />
                Enable
              </DropdownMenuItem>
            ) : (
              <DropdownMenuItem onSelect={() => onStep('disable', user)}>
                <Ban aria-hidden />
                Disable
              </DropdownMenuItem>
            )}
            <DropdownMenuItem className="text-red" onSelect={() => onStep('delete', user)}>
              <Trash2 aria-hidden />
              Delete
            </DropdownMenuItem>
          </>
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
