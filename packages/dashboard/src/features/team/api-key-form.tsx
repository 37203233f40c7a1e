import { type CreatedApiKey, createApiKeyBodySchema } from '@pocketproxy/protocol/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ChecksField } from '#components/form/choice-fields.tsx';
import { DialogForm } from '#components/form/form-dialog.tsx';
import { MomentField, TextField } from '#components/form/text-fields.tsx';
import { useApiForm } from '#components/form/use-api-form.ts';
import { Button } from '#components/ui/button.tsx';
import { api } from '#lib/api/client.ts';
import { meQuery } from '#lib/api/use-session.ts';
import { notify } from '#lib/notify.ts';
import { grantableScopes, readingScopes } from './scopes.ts';
import { apiKeysQuery } from './team-queries.ts';

/** Makes a key for the caller. */
export function ApiKeyForm({ onCreated }: { readonly onCreated: (key: CreatedApiKey) => void }) {
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const all = grantableScopes(me?.permissions ?? []);
  const form = useApiForm({
    schema: createApiKeyBodySchema,
    values: { name: '', scopes: readingScopes(all), expiresAt: null },
    onSubmit: async (body) => {
      const made = await api.post('/api-keys', { body });
      await client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
      notify.done(`API key ${made.name} created`);
      onCreated(made);
    },
  });
  const choose = (scopes: string[]): void =>
    form.fields.setValue('scopes', scopes, { shouldValidate: true, shouldTouch: true });
  return (
    <DialogForm form={form} submit="Create key">
      <TextField form={form} name="name" label="Name" placeholder="Billing" autoFocus />
      <div className="flex flex-col gap-2">
        <div className="flex flex-wrap items-center gap-2 text-xs">
          <Button size="sm" onClick={() => choose(readingScopes(all))}>
            Only reading
          </Button>
          <Button size="sm" onClick={() => choose(all)}>
            Everything that I may
          </Button>
          <Button size="sm" variant="ghost" onClick={() => choose([])}>
            Nothing
          </Button>
        </div>
        <ChecksField
          form={form}
          name="scopes"
          label="What it may do"
          columns={2}
          options={all.map((scope) => ({ value: scope, label: scope }))}
        />
      </div>
      <MomentField
        form={form}
        name="expiresAt"
        label="Good until"
        hint="Left empty, it works until it is revoked."
      />
    </DialogForm>
  );
}
