import { useNavigate } from '@tanstack/react-router';
import { Bell, Cable, KeyRound, LogOut, type LucideIcon, Mail, Moon, Plus, Sun } from 'lucide-react';
import { usePermissions } from '#lib/api/use-session.ts';
import { setPreference, usePreferences } from '#lib/preferences.ts';
import { signOut } from './sign-out.ts';

/** Something that can be done from anywhere. */
export interface GlobalAction {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** What else it is found by. */
  readonly words?: string;
  readonly run: () => void;
}

/** What can be done from anywhere by whoever is signed in. */
export function useGlobalActions(): readonly GlobalAction[] {
  const may = usePermissions();
  const navigate = useNavigate();
  const { theme } = usePreferences();
  const next = theme === 'dark' ? 'light' : 'dark';
  const actions: (GlobalAction & { readonly permission?: string })[] = [
    {
      ...{
        id: 'pair',
        label: 'Pair a phone',
        icon: Plus,
        words: 'add device qr',
        permission: 'pairing:write',
      },
      run: () => void navigate({ to: '/devices', search: { pair: 'new' } }),
    },
    {
      ...{ id: 'connect', label: 'Create a connection', icon: Cable, words: 'new proxy port' },
      permission: 'connections:write',
      run: () => void navigate({ to: '/connections', search: { create: 'any' } }),
    },
    {
      ...{ id: 'invite', label: 'Invite somebody', icon: Mail, words: 'user person team' },
      permission: 'users:write',
      run: () => void navigate({ to: '/team/people', search: { create: 'invitation' } }),
    },
    {
      ...{
        id: 'api-key',
        label: 'New API key',
        icon: KeyRound,
        words: 'token',
        permission: 'api-keys:write',
      },
      run: () => void navigate({ to: '/team/api-keys', search: { create: 'yes' } }),
    },
    {
      ...{ id: 'channel', label: 'New notification channel', icon: Bell, words: 'webhook e-mail alert' },
      permission: 'notifications:write',
      run: () => void navigate({ to: '/notifications', search: { create: 'yes' } }),
    },
    {
      ...{
        id: 'theme',
        label: `Use the ${next} theme`,
        icon: next === 'dark' ? Moon : Sun,
        words: 'colours',
      },
      run: () => setPreference('theme', next),
    },
    { id: 'sign-out', label: 'Sign out', icon: LogOut, words: 'log out', run: () => void signOut() },
  ];
  return actions.filter(({ permission }) => permission === undefined || may(permission));
}
