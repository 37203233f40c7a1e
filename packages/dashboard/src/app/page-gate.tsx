import { useQuery } from '@tanstack/react-query';
import { Outlet, useMatches } from '@tanstack/react-router';
import { PageHeader } from '#components/page.tsx';
import { NoPermission } from '#components/states.tsx';
import { meQuery } from '#lib/api/use-session.ts';

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** What is needed to see the page, and what it is called for those who may not. */
    readonly only?: { readonly permission: string; readonly title: string };
  }
}

/** The page, or that it is not for this account: then nothing is asked of the server that it would refuse. */
export function PageGate() {
  const only = useMatches({ select: (matches) => matches.at(-1)?.staticData.only });
  const { data: me } = useQuery(meQuery);
  // While nobody knows, the page asks and says by itself what is refused.
  if (!only || !me || me.permissions.includes(only.permission)) return <Outlet />;
  return (
    <>
      <PageHeader title={only.title} />
      <NoPermission />
    </>
  );
}
