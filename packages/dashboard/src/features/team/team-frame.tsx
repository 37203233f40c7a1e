import type { ReactNode } from 'react';
import { PageHeader } from '#components/page.tsx';
import { type PageTab, PageTabs } from '#components/page-tabs.tsx';
import { usePermissions } from '#lib/api/use-session.ts';

const TABS: readonly (PageTab & { readonly permission: string })[] = [
  { label: 'People', to: '/team/people', permission: 'users:read' },
  { label: 'Invitations', to: '/team/invitations', permission: 'users:read' },
  { label: 'Customers', to: '/team/customers', permission: 'organizations:read' },
  { label: 'API keys', to: '/team/api-keys', permission: 'api-keys:read' },
];

export interface TeamFrameProps {
  /** Buttons of the tab. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** Head and tabs of the team's pages; who may not see a part does not see its tab. */
export function TeamFrame({ actions, children }: TeamFrameProps) {
  const may = usePermissions();
  return (
    <>
      <PageHeader title="Team" actions={actions} />
      <PageTabs label="Parts of the team" tabs={TABS.filter(({ permission }) => may(permission))} />
      <div className="pt-4">{children}</div>
    </>
  );
}
