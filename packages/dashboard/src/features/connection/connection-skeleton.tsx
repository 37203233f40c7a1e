import { PageHeader } from '#components/page.tsx';
import { StatLine } from '#components/stat-line.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';

const FACTS = ['Used', 'Open flows', 'Speed', 'Quota begins anew', 'Expires'];

/** The page before the connection has been read. */
export function ConnectionSkeleton() {
  return (
    <>
      <PageHeader title="Connection" crumbs={[{ label: 'Connections', to: '/connections' }]}>
        <Skeleton className="my-1 w-96" />
      </PageHeader>
      <div className="px-6 pb-5 max-md:px-4">
        <StatLine stats={FACTS.map((label) => ({ label, value: undefined }))} />
      </div>
      <div className="border-border border-t px-6 py-4 max-md:px-4">
        <Skeleton className="h-64" />
      </div>
    </>
  );
}
