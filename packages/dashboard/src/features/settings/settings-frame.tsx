import type { ReactNode } from 'react';
import { PageHeader } from '#components/page.tsx';
import { PageTabs } from '#components/page-tabs.tsx';
import { usePermissions } from '#lib/api/use-session.ts';

const TABS = [
  { label: 'Account', to: '/settings/account' },
  { label: 'Preferences', to: '/settings/preferences' },
  { label: 'Server', to: '/settings/server', permission: 'server:read' },
] as const;

/** Head and tabs of the settings. */
export function SettingsFrame({ children }: { readonly children: ReactNode }) {
  const may = usePermissions();
  const tabs = TABS.filter((tab) => !('permission' in tab) || may(tab.permission));
  return (
    <>
      <PageHeader title="Settings" />
      <PageTabs label="Parts of the settings" tabs={tabs} />
      <div className="max-w-4xl divide-y divide-border pb-8">{children}</div>
    </>
  );
}
