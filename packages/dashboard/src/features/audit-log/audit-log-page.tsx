import { PageHeader } from '#components/page.tsx';
import { EmptyState } from '#components/states.tsx';

export function AuditLogPage() {
  return (
    <>
      <PageHeader title="Audit log" />
      <EmptyState title="This page comes soon">Until then the API does it: see /api/v1/docs.</EmptyState>
    </>
  );
}
