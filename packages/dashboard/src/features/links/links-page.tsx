import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useMemo } from 'react';
import { PageHeader } from '#components/page.tsx';
import { CreateLink } from '#components/rotation-links/create-link.tsx';
import { LinksTable } from '#components/rotation-links/links-table.tsx';
import { Button } from '#components/ui/button.tsx';
import { usePermissions } from '#lib/api/use-session.ts';
import { usePageActions } from '#lib/page-actions.ts';

const route = getRouteApi('/shell/links');

/** Every link that rotates a phone. The dialog that makes one is in the URL: `?create=1`. */
export function LinksPage() {
  const { create } = route.useSearch();
  const navigate = useNavigate();
  const mayWrite = usePermissions()('rotation-links:write');
  const open = useMemo(() => {
    const run = (): void => void navigate({ to: '/links', search: (old) => ({ ...old, create: '1' }) });
    return { id: 'create-link', label: 'Create a rotation link', icon: Plus, shortcut: 'n', run };
  }, [navigate]);
  usePageActions(useMemo(() => (mayWrite ? [open] : []), [mayWrite, open]));
  return (
    <>
      <PageHeader
        title="Rotation links"
        actions={
          mayWrite && (
            <Button variant="primary" onClick={open.run}>
              <Plus aria-hidden />
              Create link
            </Button>
          )
        }
      />
      <LinksTable onCreate={open.run} />
      <CreateLink
        open={mayWrite && create !== undefined}
        onClose={() =>
          void navigate({ to: '/links', search: (old) => ({ ...old, create: undefined }), replace: true })
        }
      />
    </>
  );
}
