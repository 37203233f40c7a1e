import { useQuery } from '@tanstack/react-query';
import { type FieldValues, useWatch } from 'react-hook-form';
import { api } from '#lib/api/client.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { SelectField } from '../form/choice-fields.tsx';
import { BytesField, NumberField, RateField } from '../form/number-fields.tsx';
import { LinesField, MomentField } from '../form/text-fields.tsx';
import type { ApiForm } from '../form/use-api-form.ts';

type Limits = {
  quotaBytes?: number | null | undefined;
  quotaPeriod?: 'total' | 'day' | 'month' | undefined;
  quotaResetDay?: number | undefined;
  speedLimitMbps?: number | null | undefined;
  maxFlows?: number | null | undefined;
  expiresAt?: string | null | undefined;
};
type Allowed = { allowlist?: string[] | undefined };
type Owned = { organizationId?: string | undefined };

const PERIODS = [
  { value: 'total', label: 'In total' },
  { value: 'day', label: 'Each day' },
  { value: 'month', label: 'Each month' },
];

/** Fields that creating and changing a connection have in common: of a form with these values and any others. */
type Part<P extends FieldValues> = { readonly form: ApiForm<P> };

/** Quota, speed, flows and end. What a field is left empty for is not limited. */
export function LimitFields<V extends Limits>({ form: whole }: Part<V>) {
  const form = partOf<Limits, V>(whole);
  const [quota, period] = useWatch({ control: form.fields.control, name: ['quotaBytes', 'quotaPeriod'] });
  return (
    <>
      <BytesField {...{ form, name: 'quotaBytes', label: 'Quota' }} placeholder="No limit" />
      <SelectField
        {...{ form, name: 'quotaPeriod', label: 'Quota counts', options: PERIODS }}
        hint={period === 'total' || quota === null ? undefined : 'Begins anew at midnight UTC.'}
      />
      {period === 'month' && (
        <NumberField {...{ form, name: 'quotaResetDay', label: 'Day of the month' }} hint="1 to 28" />
      )}
      <RateField {...{ form, name: 'speedLimitMbps', label: 'Speed' }} hint="In each direction" />
      <NumberField
        {...{ form, name: 'maxFlows', label: 'Flows at a time' }}
        placeholder="No limit"
        hint="TCP connections and UDP associations"
      />
      <MomentField {...{ form, name: 'expiresAt', label: 'Expires' }} hint="Your time; empty for never" />
    </>
  );
}

/** Addresses that need no password. */
export function AllowlistField<V extends Allowed>({ form: whole }: Part<V>) {
  const form = partOf<Allowed, V>(whole);
  return (
    <LinesField
      {...{ form, name: 'allowlist', label: 'Addresses without a password' }}
      placeholder={'198.51.100.7\n203.0.113.0/24'}
      hint="One address or network in each line. Clients from there are let in without user name and password; all others need them."
    />
  );
}

/** Whose the connection is; nothing where there are no customers or they may not be seen. */
export function CustomerField<V extends Owned>({ form: whole }: Part<V>) {
  const form = partOf<Owned, V>(whole);
  const may = usePermissions();
  const { data } = useQuery({
    queryKey: ['organizations'],
    queryFn: ({ signal }) => api.all('/organizations', { signal }),
    enabled: may('organizations:read'),
  });
  if (!data || data.length < 2) return null;
  const options = data.map(({ id, name, isDefault }) => ({
    value: id,
    label: isDefault ? `${name} (your own)` : name,
  }));
  return (
    <SelectField
      {...{ form, name: 'organizationId', label: 'Belongs to', options }}
      placeholder="Whom the phone belongs to"
      hint="A customer sees its own connections and their usage."
    />
  );
}

/** The names of fields are checked where they are used; the library's types would have them be all there are. */
function partOf<P extends FieldValues, V extends P>(form: ApiForm<V>): ApiForm<P> {
  return form as unknown as ApiForm<P>;
}
