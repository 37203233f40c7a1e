import { updateMeBodySchema } from '@pocketproxy/protocol/api';
import { useQueryClient } from '@tanstack/react-query';
import { DialogForm } from '#components/form/form-dialog.tsx';
import { TextField } from '#components/form/text-fields.tsx';
import { useApiForm } from '#components/form/use-api-form.ts';
import { api } from '#lib/api/client.ts';
import { meQuery } from '#lib/api/use-session.ts';
import { notify } from '#lib/notify.ts';

export interface NameFormProps {
  /** As it is now. */
  readonly name: string;
  readonly onDone: () => void;
}

/** Changing the own name. */
export function NameForm({ name: before, onDone }: NameFormProps) {
  const client = useQueryClient();
  const form = useApiForm({
    schema: updateMeBodySchema,
    values: { name: before },
    onSubmit: async (body) => {
      const me = await api.patch('/auth/me', { body });
      client.setQueryData(meQuery.queryKey, me);
      notify.done(`You are called ${me.name} now`);
      onDone();
    },
  });
  return (
    <DialogForm form={form} submit="Save">
      <TextField form={form} name="name" label="Name" autoComplete="name" autoFocus />
    </DialogForm>
  );
}
