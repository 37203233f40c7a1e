import type { ConnectionView } from '@pocketproxy/protocol/api';
import { useState } from 'react';
import { api } from '#lib/api/client.ts';
import { formatBytes, plural } from '#lib/format.ts';
import { notify } from '#lib/notify.ts';
import { ConfirmDelete } from '../confirm-delete.tsx';
import { type Credentials, CredentialsSheet } from '../credentials-sheet.tsx';
import { useConnectionCache } from './connection-cache.ts';
import { NewPassword } from './new-password.tsx';

/** What somebody wants to do to a connection, and has to be asked about. */
export interface Asked {
  readonly what: 'password' | 'reset' | 'delete';
  readonly connection: ConnectionView;
}

export interface ConnectionDialogsProps {
  /** `null` while nothing is asked. */
  readonly asked: Asked | null;
  readonly onClose: () => void;
  /** After the connection is gone. */
  readonly onDeleted?: () => void;
}

/** The dialogs behind `ConnectionMenu`: one set for a page, whatever number of rows it has. */
export function ConnectionDialogs({ asked, onClose, onDeleted }: ConnectionDialogsProps) {
  const [changed, setChanged] = useState<Credentials | null>(null);
  return (
    <>
      {asked?.what === 'password' && (
        <NewPassword
          connection={asked.connection}
          onClose={onClose}
          onChanged={(credentials) => {
            onClose();
            setChanged(credentials);
          }}
        />
      )}
      {asked?.what === 'reset' && <ResetUsage connection={asked.connection} onClose={onClose} />}
      {asked?.what === 'delete' && (
        <DeleteConnection connection={asked.connection} {...{ onClose, onDeleted }} />
      )}
      <CredentialsSheet
        title={`New password of “${changed?.name}”`}
        credentials={changed}
        onClose={() => setChanged(null)}
      />
    </>
  );
}

interface DialogProps {
  readonly connection: ConnectionView;
  readonly onClose: () => void;
}

function ResetUsage({ connection, onClose }: DialogProps) {
  const cache = useConnectionCache();
  const { id, name, usedBytes } = connection;
  const reset = async (): Promise<void> => {
    cache.put(await api.post('/connections/:id/reset-usage', { id }));
    notify.done(`Usage of ${name} reset: ${formatBytes(usedBytes)} → ${formatBytes(0)}`);
  };
  return (
    <ConfirmDelete
      open
      onOpenChange={(open) => !open && onClose()}
      {...{ verb: 'Reset', kind: 'usage of', name, button: 'Reset usage' }}
      dependants={[`${formatBytes(usedBytes)} that count against the quota; the history of traffic stays`]}
      onConfirm={reset}
    />
  );
}

function DeleteConnection({
  connection,
  onClose,
  onDeleted,
}: DialogProps & { readonly onDeleted: (() => void) | undefined }) {
  const cache = useConnectionCache();
  const { id, name, port, username, openFlows } = connection;
  const remove = async (): Promise<void> => {
    await api.delete('/connections/:id', { id });
    onDeleted?.();
    cache.drop(connection);
    notify.done(`Connection ${name} deleted`, `Port ${port} is free again`);
  };
  return (
    <ConfirmDelete
      open
      onOpenChange={(open) => !open && onClose()}
      kind="connection"
      name={name}
      dependants={[
        `Access of whoever uses port ${port} as ${username}`,
        ...(openFlows > 0 ? [`${plural(openFlows, 'open flow')}, which end at once`] : []),
        'Its limits, allowlist and password; the phone’s history of traffic stays',
      ]}
      onConfirm={remove}
    />
  );
}
