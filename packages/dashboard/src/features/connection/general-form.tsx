import type { ConnectionView } from '@pocketproxy/protocol/api';
import { CustomerField } from '#components/connections/limit-fields.tsx';
import { TextField } from '#components/form/text-fields.tsx';
import { SettingsForm } from './settings-form.tsx';
import { useConnectionForm } from './use-connection-form.ts';

/** What it is called and whose it is. */
export function GeneralForm({ connection }: { readonly connection: ConnectionView }) {
  return <Fields key={`${connection.name} ${connection.organizationId}`} connection={connection} />;
}

function Fields({ connection }: { readonly connection: ConnectionView }) {
  const { name, organizationId } = connection;
  const form = useConnectionForm(connection, { name, organizationId }, 'saved');
  return (
    <SettingsForm title="General" form={form}>
      <TextField {...{ form, name: 'name', label: 'Name' }} />
      <CustomerField form={form} />
    </SettingsForm>
  );
}
