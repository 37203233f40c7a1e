import { PageHeader } from '#components/page.tsx';
import { EmptyState } from '#components/states.tsx';

export function ApiPage() {
  return (
    <>
      <PageHeader title="API" />
      <EmptyState title="This page comes soon">Until then the API does it: see /api/v1/docs.</EmptyState>
    </>
  );
}
