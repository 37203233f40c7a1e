import type { OrganizationView } from '@pocketproxy/protocol/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Building2, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { ConfirmDelete } from '#components/confirm-delete.tsx';
import { DataTable } from '#components/data-table/data-table.tsx';
import type { Column } from '#components/data-table/table-columns.ts';
import { FormDialog } from '#components/form/form-dialog.tsx';
import { EmptyState } from '#components/states.tsx';
import { Time } from '#components/time.tsx';
import { Badge } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { api } from '#lib/api/client.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { formatCount, plural } from '#lib/format.ts';
import { notify } from '#lib/notify.ts';
import { usePageAction } from '#lib/page-actions.ts';
import { CustomerForm } from './customer-forms.tsx';
import { TeamFrame } from './team-frame.tsx';
import { organizationsQuery } from './team-queries.ts';

const LABELS = { users: 'People', devices: 'Devices', connections: 'Connections' } as const;

const COLUMNS: readonly Column<OrganizationView>[] = [
  {
    ...{ id: 'name', label: 'Name', width: 200, grow: true, importance: 1 },
    value: ({ name }) => name,
    cell: ({ name, isDefault }) => (
      <span className="flex items-center gap-2 font-medium">
        <span className="truncate">{name}</span>
        {isDefault && <Badge>Your own</Badge>}
      </span>
    ),
  },
  ...(['users', 'devices', 'connections'] as const).map(
    (id): Column<OrganizationView> => ({
      ...{ id, label: LABELS[id], width: 110, align: 'right', importance: 2 },
      value: (row) => row[id],
      cell: (row) => <span className="figures">{formatCount(row[id])}</span>,
    }),
  ),
  {
    ...{ id: 'created', label: 'Created', width: 120, align: 'right', importance: 3 },
    value: ({ createdAt }) => Date.parse(createdAt),
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

type Open =
  | { readonly what: 'create' }
  | { readonly what: 'rename' | 'delete'; readonly of: OrganizationView };

/** Organizations that devices and connections are given to. */
export function CustomersPage() {
  const mayWrite = usePermissions()('organizations:write');
  const { data, error, refetch } = useQuery(organizationsQuery);
  const [open, setOpen] = useState<Open | null>(null);
  const close = (): void => setOpen(null);
  usePageAction({
    ...{ id: 'new-customer', label: 'New customer', icon: Plus, shortcut: 'n' },
    ...{ enabled: mayWrite, run: () => setOpen({ what: 'create' }) },
  });
  return (
    <TeamFrame
      actions={
        mayWrite && (
          <Button variant="primary" onClick={() => setOpen({ what: 'create' })}>
            <Plus aria-hidden />
            New customer
          </Button>
        )
      }
    >
      <DataTable
        name="customers"
        columns={COLUMNS}
        rows={data}
        error={error}
        onRetry={() => void refetch()}
        rowId={({ id }) => id}
        searchText={({ name }) => name}
        {...(mayWrite && {
          rowActions: (row: OrganizationView) => (
            <>
              <Button
                variant="ghost"
                size="icon-sm"
                aria-label={`Rename ${row.name}`}
                onClick={() => setOpen({ what: 'rename', of: row })}
              >
                <Pencil aria-hidden />
              </Button>
              {!row.isDefault && (
                <Button
                  variant="ghost"
                  size="icon-sm"
                  aria-label={`Delete ${row.name}`}
                  onClick={() => setOpen({ what: 'delete', of: row })}
                >
                  <Trash2 aria-hidden />
                </Button>
              )}
            </>
          ),
        })}
        empty={
          <EmptyState icon={Building2} title="No customers yet">
            A customer sees only the phones and connections that are given to it.
          </EmptyState>
        }
      />
      <FormDialog
        title={open?.what === 'rename' ? `Rename “${open.of.name}”` : 'New customer'}
        {...(open?.what === 'create' && {
          description: 'Give it devices and connections later, and invite its people.',
        })}
        open={open?.what === 'create' || open?.what === 'rename'}
        onOpenChange={close}
      >
        <CustomerForm {...(open?.what === 'rename' && { customer: open.of })} onDone={close} />
      </FormDialog>
      {open?.what === 'delete' && <DeleteCustomer customer={open.of} onClose={close} />}
    </TeamFrame>
  );
}

function DeleteCustomer({ customer, onClose }: { customer: OrganizationView; onClose: () => void }) {
  const client = useQueryClient();
  const { id, name, users, devices, connections } = customer;
  const held = [
    ...(users > 0 ? [plural(users, 'person', 'people')] : []),
    ...(devices > 0 ? [plural(devices, 'device')] : []),
    ...(connections > 0 ? [plural(connections, 'connection')] : []),
  ];
  return (
    <ConfirmDelete
      open
      onOpenChange={onClose}
      kind="customer"
      name={name}
      dependants={[]}
      onConfirm={async () => {
        await api.delete('/organizations/:id', { id });
        await client.invalidateQueries({ queryKey: organizationsQuery.queryKey });
        notify.done(`Customer ${name} deleted`);
      }}
    >
      <p className="text-muted">
        {held.length === 0
          ? 'Nothing belongs to it.'
          : `It still has ${held.join(', ')}: give them to somebody else or delete them first.`}
      </p>
    </ConfirmDelete>
  );
}
