import type { DeviceView, OrganizationView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { QrCode, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { SelectField, SwitchField } from '#components/form/choice-fields.tsx';
import { TextareaField, TextField } from '#components/form/text-fields.tsx';
import { Section } from '#components/page.tsx';
import { PairDialog } from '#components/pairing/pair-dialog.tsx';
import { Button } from '#components/ui/button.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { api } from '#lib/api/client.ts';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { AbilityList } from './ability-list.tsx';
import { DeleteDevice } from './delete-device.tsx';
import { DeviceForm } from './device-form.tsx';
import { DeviceIdentity } from './device-identity.tsx';

const route = getRouteApi('/shell/devices/$id');

/** What a phone is called, whose it is, what it may and what it can; and its end. */
export function SettingsTab() {
  const { id } = route.useParams();
  const { data: device } = useQuery(queries.device(id));
  const organizations = useAssignable();
  if (!device || organizations === undefined) return <SettingsSkeleton />;
  return (
    <>
      <Section title="General">
        <General device={device} organizations={organizations} key={id} />
      </Section>
      <Section title="Destinations">
        <Destinations device={device} key={id} />
      </Section>
      <div id="abilities">
        <Section
          title="What this phone can do"
          lead="As its agent says, with the step that makes possible what is missing."
        >
          <AbilityList device={device} />
        </Section>
      </div>
      <Section title="Identity">
        <DeviceIdentity device={device} />
      </Section>
      <Ends device={device} />
    </>
  );
}

const GENERAL = ['name', 'description'] as const;
const GENERAL_OF_STAFF = [...GENERAL, 'organizationId'] as const;

/**
 * To whom the reader may give a phone; none where there is no choice, `undefined` until that is known: the page would
 * move down when it comes later.
 */
function useAssignable(): readonly OrganizationView[] | undefined {
  const may = usePermissions();
  const mayAssign = may('organizations:read') && may('devices:write');
  const { data, isPending } = useQuery({
    queryKey: ['organizations'],
    queryFn: ({ signal }) => api.all('/organizations', { signal }),
    enabled: mayAssign,
  });
  if (mayAssign && isPending) return undefined;
  return data && data.length > 1 ? data : [];
}

interface GeneralProps {
  readonly device: DeviceView;
  readonly organizations: readonly OrganizationView[];
}

function General({ device, organizations }: GeneralProps) {
  const mayAssign = organizations.length > 0;
  return (
    <DeviceForm
      device={device}
      names={mayAssign ? GENERAL_OF_STAFF : GENERAL}
      saved={`${device.name} saved`}
      key={String(mayAssign)}
    >
      {(form) => (
        <>
          <TextField form={form} name="name" label="Name" />
          <TextareaField
            form={form}
            name="description"
            label="Description"
            placeholder="Where it is, which SIM card it has"
          />
          {mayAssign && (
            <SelectField
              form={form}
              name="organizationId"
              label="Belongs to"
              hint="A customer sees the phones that belong to it. Connections and links stay with whom they belong to."
              options={organizations.map(({ id, name, isDefault }) => ({
                ...{ value: id, label: isDefault ? `${name} (yours)` : name },
              }))}
            />
          )}
        </>
      )}
    </DeviceForm>
  );
}

const DESTINATIONS = ['allowPrivateDestinations'] as const;

function Destinations({ device }: { readonly device: DeviceView }) {
  return (
    <DeviceForm device={device} names={DESTINATIONS} saved={`Destinations of ${device.name} saved`}>
      {(form) => (
        <SwitchField
          form={form}
          name="allowPrivateDestinations"
          label="Allow private destinations"
          hint="Lets customers reach private, loopback and link-local addresses: the phone itself, and whatever is in its networks. Leave it off unless these customers are your own."
        />
      )}
    </DeviceForm>
  );
}

/** What cannot be undone, or cuts somebody off. */
function Ends({ device }: { readonly device: DeviceView }) {
  const may = usePermissions();
  const [open, setOpen] = useState<'pair' | 'delete' | null>(null);
  if (!may('pairing:write') && !may('devices:write')) return null;
  return (
    <Section title="Replace or remove">
      <div className="flex max-w-2xl flex-col divide-y divide-border rounded-md border border-border">
        {may('pairing:write') && (
          <End text="Pair anew, after a reinstallation or with another phone. Ports, connections and passwords stay.">
            <Button onClick={() => setOpen('pair')}>
              <QrCode aria-hidden />
              Pair anew
            </Button>
          </End>
        )}
        {may('devices:write') && (
          <End text="Delete this device. Its connections, links and history go with it.">
            <Button variant="danger" onClick={() => setOpen('delete')}>
              <Trash2 aria-hidden />
              Delete device
            </Button>
          </End>
        )}
      </div>
      <PairDialog open={open === 'pair'} onOpenChange={() => setOpen(null)} device={device} />
      <DeleteDevice open={open === 'delete'} onOpenChange={() => setOpen(null)} device={device} />
    </Section>
  );
}

function End({ text, children }: { readonly text: string; readonly children: ReactNode }) {
  return (
    <div className="flex items-center justify-between gap-6 px-3 py-2.5 max-sm:flex-col max-sm:items-start">
      <p className="text-muted">{text}</p>
      {children}
    </div>
  );
}

function SettingsSkeleton() {
  return (
    <>
      <Section title="General">
        <div className="flex max-w-2xl flex-col gap-4">
          <Skeleton className="h-14" />
          <Skeleton className="h-22" />
          <Skeleton className="h-8 w-16" />
        </div>
      </Section>
      <Section title="Destinations">
        <Skeleton className="h-16 max-w-2xl" />
      </Section>
    </>
  );
}
