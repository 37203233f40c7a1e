import type { ConnectionView } from '@pocketproxy/protocol/api';
import { AllowlistField } from '#components/connections/limit-fields.tsx';
import { SettingsForm } from './settings-form.tsx';
import { useConnectionForm } from './use-connection-form.ts';

/** Addresses whose clients need no password. */
export function AllowlistForm({ connection }: { readonly connection: ConnectionView }) {
  return <Fields key={connection.allowlist.join()} connection={connection} />;
}

function Fields({ connection }: { readonly connection: ConnectionView }) {
  const form = useConnectionForm(connection, { allowlist: connection.allowlist }, 'allowlist changed');
  return (
    <SettingsForm title="Allowlist" form={form}>
      <AllowlistField form={form} />
    </SettingsForm>
  );
}
