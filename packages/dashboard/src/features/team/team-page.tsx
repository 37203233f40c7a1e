import { PageHeader } from '#components/page.tsx';
import { EmptyState } from '#components/states.tsx';

export function TeamPage() {
  return (
    <>
      <PageHeader title="Team" />
      <EmptyState title="This page comes soon">Until then the API does it: see /api/v1/docs.</EmptyState>
    </>
  );
}
