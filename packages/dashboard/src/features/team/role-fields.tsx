import type { Role } from '@pocketproxy/protocol/api';
import type { FieldPath, FieldValues } from 'react-hook-form';
import { SelectField } from '#components/form/choice-fields.tsx';
import type { ApiForm } from '#components/form/use-api-form.ts';
import { ROLE_OPTIONS, ROLES } from '#lib/roles.ts';
import { useOrganizations } from './use-organizations.ts';

export interface RoleFieldsProps<V extends FieldValues> {
  readonly form: ApiForm<V>;
  readonly roleField: FieldPath<V>;
  readonly organizationField: FieldPath<V>;
  /** Stands where no organization is chosen. */
  readonly placeholder: string;
}

/** What somebody may, and, of a customer, for which organization. */
export function RoleFields<V extends FieldValues>(props: RoleFieldsProps<V>) {
  const { form, roleField, organizationField, placeholder } = props;
  const { customers } = useOrganizations();
  const chosen = form.fields.watch(roleField) as Role;
  return (
    <div className="grid grid-cols-2 items-start gap-4 max-sm:grid-cols-1">
      <SelectField
        form={form}
        name={roleField}
        label="Role"
        options={ROLE_OPTIONS}
        hint={ROLES[chosen]?.hint}
      />
      {chosen === 'customer' && (
        <SelectField
          form={form}
          name={organizationField}
          label="Customer"
          placeholder={placeholder}
          options={customers.map(({ id, name }) => ({ value: id, label: name }))}
          hint="Devices and connections are given to it."
        />
      )}
    </div>
  );
}

/** Staff belongs to the operator's own organization, which is not named. */
export function withOwnOrganization<B extends { role?: Role; organizationId?: string }>(body: B): B {
  if (body.role === 'customer') return body;
  const { organizationId: _, ...rest } = body;
  return rest as B;
}
