import type { ApiKeyView, CreatedApiKey } from '@pocketproxy/protocol/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { ConfirmDelete } from '#components/confirm-delete.tsx';
import { DataTable } from '#components/data-table/data-table.tsx';
import { FormDialog } from '#components/form/form-dialog.tsx';
import { SecretSheet } from '#components/secret-sheet.tsx';
import { EmptyState } from '#components/states.tsx';
import { Button } from '#components/ui/button.tsx';
import { api } from '#lib/api/client.ts';
import { meQuery, usePermissions } from '#lib/api/use-session.ts';
import { notify } from '#lib/notify.ts';
import { useNow } from '#lib/now.ts';
import { usePageAction } from '#lib/page-actions.ts';
import { API_KEY_COLUMNS, type ApiKeyRow } from './api-key-columns.tsx';
import { ApiKeyForm } from './api-key-form.tsx';
import { TeamFrame } from './team-frame.tsx';
import { apiKeysQuery, usersQuery } from './team-queries.ts';

const route = getRouteApi('/shell/team/api-keys');

/** Tokens of programs: one's own, and an administrator's view of everybody's. */
export function ApiKeysPage() {
  const { create } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = usePermissions()('api-keys:write');
  const { data, error, refetch } = useQuery(apiKeysQuery);
  const rows = useRows(data);
  const [made, setMade] = useState<CreatedApiKey | null>(null);
  const [revoking, setRevoking] = useState<ApiKeyView | null>(null);
  const show = (next: 'yes' | undefined): void =>
    void navigate({ search: (old) => ({ ...old, create: next }), replace: true });
  usePageAction({
    ...{ id: 'new-api-key', label: 'New API key', icon: Plus, shortcut: 'n' },
    ...{ enabled: mayWrite, run: () => show('yes') },
  });
  const button = mayWrite && (
    <Button variant="primary" onClick={() => show('yes')}>
      <Plus aria-hidden />
      New API key
    </Button>
  );
  return (
    <TeamFrame actions={data?.length !== 0 && button}>
      <DataTable
        name="API keys"
        columns={API_KEY_COLUMNS}
        rows={rows}
        error={error}
        onRetry={() => void refetch()}
        rowId={({ id }) => id}
        isDimmed={({ expired }) => expired}
        searchText={({ name, hint, owner, scopes }) => `${name} ${hint} ${owner ?? ''} ${scopes.join(' ')}`}
        {...(mayWrite && {
          rowActions: (row: ApiKeyRow) => (
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={`Revoke ${row.name}`}
              onClick={() => setRevoking(row)}
            >
              <Trash2 aria-hidden />
            </Button>
          ),
        })}
        actionsWidth={48}
        empty={
          <EmptyState icon={KeyRound} title="No API keys yet" action={button}>
            A program uses a key instead of a password, limited to what it needs. The{' '}
            <Link to="/api" className="underline underline-offset-4">
              API page
            </Link>{' '}
            shows how.
          </EmptyState>
        }
      />
      <FormDialog
        title="New API key"
        description="It acts as you, and never may more than you may."
        open={create === 'yes' && mayWrite}
        onOpenChange={() => show(undefined)}
      >
        <ApiKeyForm
          onCreated={(key) => {
            show(undefined);
            setMade(key);
          }}
        />
      </FormDialog>
      <SecretSheet
        title={`API key ${made?.name ?? ''}`}
        what="The key"
        remedy="Another key can take its place."
        lines={made && keyLines(made.key)}
        onClose={() => setMade(null)}
      />
      {revoking && <RevokeKey apiKey={revoking} onClose={() => setRevoking(null)} />}
    </TeamFrame>
  );
}

function keyLines(key: string) {
  const curl = `curl -H 'Authorization: Bearer ${key}' ${location.origin}/api/v1/devices`;
  return [
    { label: 'Key', text: key },
    { label: 'Header', text: `Authorization: Bearer ${key}` },
    { label: 'curl', text: curl },
  ];
}

function RevokeKey({ apiKey, onClose }: { readonly apiKey: ApiKeyView; readonly onClose: () => void }) {
  const client = useQueryClient();
  return (
    <ConfirmDelete
      open
      onOpenChange={onClose}
      kind="API key"
      verb="Revoke"
      name={apiKey.name}
      dependants={['Whatever program uses it is refused from then on']}
      onConfirm={async () => {
        await api.delete('/api-keys/:id', { id: apiKey.id });
        await client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
        notify.done(`API key ${apiKey.name} revoked`);
      }}
    />
  );
}

/** Keys with whose they are, as far as the reader may know. */
function useRows(keys: readonly ApiKeyView[] | undefined): readonly ApiKeyRow[] | undefined {
  const now = useNow();
  const { data: me } = useQuery(meQuery);
  const { data: users } = useQuery({ ...usersQuery, enabled: usePermissions()('users:read') });
  return useMemo(() => {
    const names = new Map(users?.map(({ id, name }) => [id, name]));
    return keys?.map((key) => ({
      ...key,
      owner: key.userId === me?.id ? 'You' : names.get(key.userId),
      expired: key.expiresAt !== null && Date.parse(key.expiresAt) <= now,
    }));
  }, [keys, users, me, now]);
}
