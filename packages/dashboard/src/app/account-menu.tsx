import { useQuery } from '@tanstack/react-query';
import { CircleUser, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '#components/ui/dropdown-menu.tsx';
import { meQuery, useSession } from '#lib/api/use-session.ts';
import { cn } from '#lib/cn.ts';
import { setPreference, usePreferences } from '#lib/preferences.ts';
import { signOut } from './sign-out.ts';

const THEMES = [
  { value: 'dark', label: 'Dark', icon: Moon },
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'system', label: 'As the system', icon: Monitor },
] as const;

/** Who is signed in, the theme, and signing out. */
export function AccountMenu({ collapsed }: { readonly collapsed: boolean }) {
  const state = useSession();
  const { theme } = usePreferences();
  const user = state.status === 'signed-in' ? state.user : null;
  // The session knows the name of when it began.
  const { data: me } = useQuery(meQuery);
  const name = me?.name ?? user?.name ?? '';
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        // A sheet closes by a click on what is in it; this opens a menu.
        onClick={(event) => event.stopPropagation()}
        className="flex h-9 w-full items-center gap-2.5 rounded-md px-2.5 text-left text-muted transition-colors hover:bg-hover hover:text-foreground"
      >
        <CircleUser aria-hidden className="size-4 shrink-0" />
        {!collapsed && <span className="truncate">{name}</span>}
        <span className="sr-only">Account of {user?.email ?? 'nobody'}</span>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start" side="top" className="w-56">
        <DropdownMenuLabel>
          <span className="block truncate text-foreground">{user?.email}</span>
          <span className="capitalize">{user?.role}</span>
        </DropdownMenuLabel>
        <DropdownMenuSeparator />
        {THEMES.map(({ value, label, icon: Icon }) => (
          <DropdownMenuItem key={value} onSelect={() => setPreference('theme', value)}>
            <Icon aria-hidden />
            {label}
            <span className={cn('ml-auto text-faint text-xs', theme !== value && 'hidden')}>chosen</span>
          </DropdownMenuItem>
        ))}
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={() => void signOut()}>
          <LogOut aria-hidden />
          Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
