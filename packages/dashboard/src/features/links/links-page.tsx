import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { PageHeader } from '#components/page.tsx';
import { CreateLink } from '#components/rotation-links/create-link.tsx';
import { LinksTable } from '#components/rotation-links/links-table.tsx';
import { Button } from '#components/ui/button.tsx';
import { usePermissions } from '#lib/api/use-session.ts';
import { usePageAction } from '#lib/page-actions.ts';

const route = getRouteApi('/shell/links');

/** Every link that rotates a phone. The dialog that makes one is in the URL: `?create=1`. */
export function LinksPage() {
  const { create } = route.useSearch();
  const navigate = useNavigate();
  const mayWrite = usePermissions()('rotation-links:write');
  const show = (dialog: '1' | undefined): void =>
    void navigate({ to: '/links', search: (old) => ({ ...old, create: dialog }), replace: true });
  usePageAction({
    ...{ id: 'create-link', label: 'Create a rotation link', icon: Plus, shortcut: 'n' },
    ...{ enabled: mayWrite, run: () => show('1') },
  });
  return (
    <>
      <PageHeader
        title="Rotation links"
        actions={
          mayWrite && (
            <Button variant="primary" onClick={() => show('1')}>
              <Plus aria-hidden />
              Create link
            </Button>
          )
        }
      />
      <LinksTable onCreate={() => show('1')} />
      <CreateLink open={mayWrite && create !== undefined} onClose={() => show(undefined)} />
    </>
  );
}
