import type { LinkProps } from '@tanstack/react-router';
import {
  Bell,
  Cable,
  Code,
  House,
  Link2,
  type LucideIcon,
  ScrollText,
  Settings,
  Smartphone,
  Users,
} from 'lucide-react';

/** One page of the sidebar and of the palette. */
export interface NavigationItem {
  readonly label: string;
  readonly to: LinkProps['to'];
  readonly icon: LucideIcon;
  /** Without it the page is not offered. */
  readonly permission?: string;
  /** Keys that lead there, one after the other. */
  readonly keys?: string;
}

export const NAVIGATION: readonly NavigationItem[] = [
  { label: 'Overview', to: '/', icon: House, keys: 'g o' },
  { label: 'Devices', to: '/devices', icon: Smartphone, permission: 'devices:read', keys: 'g d' },
  { label: 'Connections', to: '/connections', icon: Cable, permission: 'connections:read', keys: 'g c' },
  { label: 'Rotation links', to: '/links', icon: Link2, permission: 'rotation-links:read', keys: 'g l' },
  { label: 'Notifications', to: '/notifications', icon: Bell, permission: 'notifications:read', keys: 'g n' },
  { label: 'Team', to: '/team', icon: Users, permission: 'api-keys:read', keys: 'g t' },
  { label: 'Audit log', to: '/audit-log', icon: ScrollText, permission: 'audit:read', keys: 'g a' },
  { label: 'Settings', to: '/settings', icon: Settings, keys: 'g s' },
  { label: 'API', to: '/api', icon: Code },
];
