import { type OrganizationView, organizationBodySchema } from '@pocketproxy/protocol/api';
import { useQueryClient } from '@tanstack/react-query';
import { DialogForm } from '#components/form/form-dialog.tsx';
import { TextField } from '#components/form/text-fields.tsx';
import { useApiForm } from '#components/form/use-api-form.ts';
import { api } from '#lib/api/client.ts';
import { notify } from '#lib/notify.ts';
import { organizationsQuery } from './team-queries.ts';

/** Makes a customer, or names one anew. */
export function CustomerForm({
  customer,
  onDone,
}: {
  readonly customer?: OrganizationView;
  readonly onDone: () => void;
}) {
  const client = useQueryClient();
  const form = useApiForm({
    schema: organizationBodySchema,
    values: { name: customer?.name ?? '' },
    onSubmit: async (body) => {
      const made = customer
        ? await api.patch('/organizations/:id', { id: customer.id, body })
        : await api.post('/organizations', { body });
      await client.invalidateQueries({ queryKey: organizationsQuery.queryKey });
      notify.done(customer ? `${customer.name} is now ${made.name}` : `${made.name} created`);
      onDone();
    },
  });
  return (
    <DialogForm form={form} submit={customer ? 'Save' : 'Create customer'}>
      <TextField form={form} name="name" label="Name" placeholder="Acme Ltd" autoFocus />
    </DialogForm>
  );
}
