import type { CreatedNotificationChannel, NotificationChannelView } from '@pocketproxy/protocol/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Bell, Plus, Send } from 'lucide-react';
import { useState } from 'react';
import { ConfirmDelete } from '#components/confirm-delete.tsx';
import { DataTable } from '#components/data-table/data-table.tsx';
import { FormDialog } from '#components/form/form-dialog.tsx';
import { PageHeader } from '#components/page.tsx';
import { SecretSheet } from '#components/secret-sheet.tsx';
import { EmptyState } from '#components/states.tsx';
import { Button } from '#components/ui/button.tsx';
import { Tooltip } from '#components/ui/tooltip.tsx';
import { api } from '#lib/api/client.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { plural } from '#lib/format.ts';
import { notify } from '#lib/notify.ts';
import { usePageAction } from '#lib/page-actions.ts';
import { CHANNEL_COLUMNS } from './channel-columns.tsx';
import { CreateChannelForm, EditChannelForm } from './channel-form.tsx';
import { ChannelSheet } from './channel-sheet.tsx';
import { channelsQuery } from './notification-queries.ts';
import { useTestChannel } from './use-test-channel.ts';

const route = getRouteApi('/shell/notifications');

/** Who is told of what. */
export function NotificationsPage() {
  const { channel: shownId, create } = route.useSearch();
  const navigate = route.useNavigate();
  const may = usePermissions();
  const mayWrite = may('notifications:write');
  const { data, error, refetch } = useQuery(channelsQuery);
  const [editing, setEditing] = useState<NotificationChannelView | null>(null);
  const [deleting, setDeleting] = useState<NotificationChannelView | null>(null);
  const [created, setCreated] = useState<CreatedNotificationChannel | null>(null);
  const show = (change: { channel?: string | undefined; create?: 'yes' | undefined }): void =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const open = (): void => show({ create: 'yes' });
  usePageAction({
    ...{ id: 'new-channel', label: 'New channel', icon: Plus, shortcut: 'n' },
    ...{ enabled: mayWrite, run: open },
  });
  return (
    <>
      <PageHeader
        title="Notifications"
        aside={
          data && data.length > 0 && <span className="text-muted">{plural(data.length, 'channel')}</span>
        }
        actions={mayWrite && data?.length !== 0 && <NewButton onClick={open} />}
      />
      <DataTable
        name="channels"
        columns={CHANNEL_COLUMNS}
        rows={data}
        error={error}
        onRetry={() => void refetch()}
        rowId={({ id }) => id}
        rowLink={({ id }) => ({ to: '/notifications', search: { channel: id } })}
        {...(mayWrite && { rowActions: (row: NotificationChannelView) => <TestButton channel={row} /> })}
        actionsWidth={48}
        isDimmed={({ enabled }) => !enabled}
        searchText={({ name, target }) => `${name} ${target}`}
        empty={
          <EmptyState
            icon={Bell}
            title="Nobody is told of anything yet"
            action={mayWrite && <NewButton onClick={open} />}
            command={`curl -X POST ${location.origin}/api/v1/notification-channels -H 'Authorization: Bearer <key>' -H 'Content-Type: application/json' -d '{"type":"webhook","name":"Operations","target":"https://…","events":["device.offline"]}'`}
          >
            A channel sends an e-mail or calls a URL when a phone goes offline, a quota ends or rotation
            fails.
          </EmptyState>
        }
      />
      <ChannelSheet
        channel={data?.find(({ id }) => id === shownId) ?? null}
        onClose={() => show({ channel: undefined })}
        onEdit={setEditing}
        onDelete={setDeleting}
      />
      <FormDialog
        title="New channel"
        description="Where messages go, and about what."
        open={create === 'yes' && mayWrite}
        onOpenChange={(isOpen) => !isOpen && show({ create: undefined })}
      >
        <CreateChannelForm
          onCreated={(channel) => {
            // What is shown once comes first, and alone.
            show({ create: undefined, channel: channel.secret === null ? channel.id : undefined });
            if (channel.secret !== null) setCreated(channel);
          }}
        />
      </FormDialog>
      <FormDialog
        title={`Change “${editing?.name ?? ''}”`}
        open={editing !== null}
        onOpenChange={() => setEditing(null)}
      >
        {editing && <EditChannelForm channel={editing} onDone={() => setEditing(null)} />}
      </FormDialog>
      <SecretSheet
        title={`Secret of ${created?.name ?? ''}`}
        what="The secret"
        remedy="Make another channel if it is lost."
        lines={created && [{ label: 'Secret', text: created.secret ?? '' }]}
        onClose={() => {
          show({ channel: created?.id });
          setCreated(null);
        }}
      />
      {deleting && <DeleteChannel channel={deleting} onClose={() => setDeleting(null)} />}
    </>
  );
}

function NewButton({ onClick }: { readonly onClick: () => void }) {
  return (
    <Button variant="primary" onClick={onClick}>
      <Plus aria-hidden />
      New channel
    </Button>
  );
}

function TestButton({ channel }: { readonly channel: NotificationChannelView }) {
  const test = useTestChannel();
  return (
    <Tooltip text="Send a test">
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={`Send a test to ${channel.name}`}
        busy={test.isPending}
        onClick={() => test.mutate(channel)}
      >
        {!test.isPending && <Send aria-hidden />}
      </Button>
    </Tooltip>
  );
}

function DeleteChannel({ channel, onClose }: { channel: NotificationChannelView; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = route.useNavigate();
  return (
    <ConfirmDelete
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      kind="channel"
      name={channel.name}
      dependants={['Messages that wait to be sent', 'Its history']}
      onConfirm={async () => {
        await api.delete('/notification-channels/:id', { id: channel.id });
        await navigate({ search: (old) => ({ ...old, channel: undefined }), replace: true });
        await client.invalidateQueries({ queryKey: channelsQuery.queryKey, exact: true });
        notify.done(`Channel ${channel.name} deleted`);
      }}
    />
  );
}
