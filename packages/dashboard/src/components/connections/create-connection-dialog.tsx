import { type CreatedConnection, createConnectionBodySchema } from '@pocketproxy/protocol/api';
import { type ReactNode, useState } from 'react';
import { api } from '#lib/api/client.ts';
import { notify } from '#lib/notify.ts';
import { CredentialsSheet } from '../credentials-sheet.tsx';
import { useDeviceChoices } from '../device-choices.ts';
import { Form, FormProblem, SubmitButton } from '../form/form.tsx';
import { PickField } from '../form/pick-field.tsx';
import { TextField } from '../form/text-fields.tsx';
import { useApiForm } from '../form/use-api-form.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from '../ui/dialog.tsx';
import { useConnectionCache } from './connection-cache.ts';
import { AllowlistField, CustomerField, LimitFields } from './limit-fields.tsx';

export interface CreateConnectionProps {
  readonly open: boolean;
  readonly onClose: () => void;
  /** The phone that is chosen already. */
  readonly deviceId?: string | undefined;
}

/** Asks for a connection, makes it, and shows its credentials this once. */
export function CreateConnectionDialog({ open, onClose, deviceId }: CreateConnectionProps) {
  const [made, setMade] = useState<CreatedConnection | null>(null);
  return (
    <>
      <Dialog open={open} onOpenChange={(next) => !next && onClose()}>
        {open && (
          <ConnectionForm
            deviceId={deviceId}
            onMade={(connection) => {
              onClose();
              setMade(connection);
            }}
          />
        )}
      </Dialog>
      <CredentialsSheet
        title={`“${made?.name}” is ready on port ${made?.port}`}
        credentials={made}
        onClose={() => setMade(null)}
      />
    </>
  );
}

interface ConnectionFormProps {
  readonly deviceId: string | undefined;
  readonly onMade: (connection: CreatedConnection) => void;
}

function ConnectionForm({ deviceId, onMade }: ConnectionFormProps) {
  const cache = useConnectionCache();
  const devices = useDeviceChoices();
  const [only] = devices?.length === 1 ? devices : [];
  const form = useApiForm({
    schema: createConnectionBodySchema,
    values: {
      deviceId: deviceId ?? only?.value ?? '',
      ...{ allowlist: [], quotaBytes: null, quotaPeriod: 'total', quotaResetDay: 1 },
      ...{ speedLimitMbps: null, maxFlows: null, expiresAt: null },
    },
    onSubmit: async (body) => {
      const made = await api.post('/connections', { body });
      const { password: _password, ovpn: _ovpn, ...view } = made;
      cache.put(view);
      notify.done(`Connection ${made.name} created on port ${made.port}`);
      onMade(made);
    },
  });
  return (
    <DialogContent
      title="Create a connection"
      description="A port with a user name and a password, whose traffic leaves through one phone."
      className="top-[6vh] max-h-[88vh] w-[min(40rem,calc(100vw-2rem))]"
    >
      <Form form={form} className="min-h-0 gap-0">
        <DialogBody className="min-h-0 overflow-y-auto">
          <Part>
            <PickField
              {...{ form, name: 'deviceId', label: 'Phone', choices: devices }}
              placeholder="Choose a phone"
              autoFocus={deviceId === undefined}
            />
            <TextField
              {...{ form, name: 'name', label: 'Name' }}
              {...{ optional: true, placeholder: 'Whom it is for', autoFocus: deviceId !== undefined }}
            />
            <TextField
              {...{ form, name: 'username', label: 'User name' }}
              {...{ optional: true, mono: true, placeholder: 'Made up when left empty' }}
            />
            <TextField
              {...{ form, name: 'password', label: 'Password' }}
              {...{ optional: true, mono: true, placeholder: 'Made up when left empty' }}
            />
            <CustomerField form={form} />
          </Part>
          <Part title="Limits">
            <LimitFields form={form} />
          </Part>
          <AllowlistField form={form} />
          <FormProblem form={form} />
        </DialogBody>
        <DialogFooter>
          <DialogClose asChild>
            <Button variant="ghost">Cancel</Button>
          </DialogClose>
          <SubmitButton form={form}>Create connection</SubmitButton>
        </DialogFooter>
      </Form>
    </DialogContent>
  );
}

/** Fields side by side. */
function Part({ title, children }: { readonly title?: string; readonly children: ReactNode }) {
  return (
    <fieldset className="grid grid-cols-2 gap-x-5 gap-y-4 max-sm:grid-cols-1">
      {title !== undefined && (
        <legend className="mb-3 w-full border-border border-b pb-1.5 font-medium">{title}</legend>
      )}
      {children}
    </fieldset>
  );
}
