import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Section } from '#components/page.tsx';
import { CreateLink } from '#components/rotation-links/create-link.tsx';
import { LinksTable } from '#components/rotation-links/links-table.tsx';
import { Button } from '#components/ui/button.tsx';
import { usePermissions } from '#lib/api/use-session.ts';

/** Links by which whoever uses the connection can rotate its phone. */
export function LinksSection({ deviceId }: { readonly deviceId: string }) {
  const may = usePermissions();
  const [creating, setCreating] = useState(false);
  if (!may('rotation-links:read')) return null;
  const mayWrite = may('rotation-links:write');
  return (
    <Section
      flush
      title="Rotation links of its phone"
      actions={
        mayWrite && (
          <Button size="sm" onClick={() => setCreating(true)}>
            <Plus aria-hidden />
            Create link
          </Button>
        )
      }
    >
      <LinksTable deviceId={deviceId} onCreate={() => setCreating(true)} />
      <CreateLink open={creating} onClose={() => setCreating(false)} deviceId={deviceId} />
    </Section>
  );
}
