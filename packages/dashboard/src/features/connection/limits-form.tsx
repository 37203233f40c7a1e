import type { ConnectionView } from '@pocketproxy/protocol/api';
import { LimitFields } from '#components/connections/limit-fields.tsx';
import { SettingsForm } from './settings-form.tsx';
import { type Changes, useConnectionForm } from './use-connection-form.ts';

/** Quota, speed, flows and end. */
export function LimitsForm({ connection }: { readonly connection: ConnectionView }) {
  const { quotaBytes, quotaPeriod, quotaResetDay, speedLimitMbps, maxFlows, expiresAt } = connection;
  const values = { quotaBytes, quotaPeriod, quotaResetDay, speedLimitMbps, maxFlows, expiresAt };
  // What somebody else has changed is shown anew.
  return <Fields key={JSON.stringify(values)} {...{ connection, values }} />;
}

function Fields({ connection, values }: { connection: ConnectionView; values: Changes }) {
  const form = useConnectionForm(connection, values, 'limits changed');
  return (
    <SettingsForm title="Limits" form={form}>
      <LimitFields form={form} />
    </SettingsForm>
  );
}
