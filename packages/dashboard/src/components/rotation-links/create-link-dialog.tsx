import { createRotationLinkBodySchema, type RotationLinkView } from '@pocketproxy/protocol/api';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#lib/api/client.ts';
import { queries } from '#lib/api/queries.ts';
import { notify } from '#lib/notify.ts';
import { useDeviceChoices } from '../device-choices.ts';
import { DialogForm, FormDialog } from '../form/form-dialog.tsx';
import { DurationField } from '../form/number-fields.tsx';
import { PickField } from '../form/pick-field.tsx';
import { MomentField, TextField } from '../form/text-fields.tsx';
import { useApiForm } from '../form/use-api-form.ts';
import { SecretSheet } from '../secret-sheet.tsx';

export interface CreateLinkProps {
  readonly open: boolean;
  readonly onClose: () => void;
  /** Of one phone; asked for when left out. */
  readonly deviceId?: string | undefined;
}

/** Asks what a rotation link is for, makes it, and shows its address this once. */
export function CreateLinkDialog({ open, onClose, deviceId }: CreateLinkProps) {
  const [made, setMade] = useState<RotationLinkView | null>(null);
  return (
    <>
      <FormDialog
        open={open}
        onOpenChange={(next) => !next && onClose()}
        title="Create a rotation link"
        description="A secret address that rotates one phone, for people and programs without an account."
      >
        <LinkForm
          deviceId={deviceId}
          onMade={(link) => {
            onClose();
            setMade(link);
          }}
        />
      </FormDialog>
      <SecretSheet
        title={`Rotation link “${made?.name}”`}
        what="The link"
        remedy="When it is lost, revoke it and create another."
        lines={made && linesOfLink(made.url)}
        onClose={() => setMade(null)}
      >
        <p className="text-muted">
          Whoever opens it gives the phone a new address. It needs no account, so give it to nobody else.
        </p>
      </SecretSheet>
    </>
  );
}

interface LinkFormProps {
  readonly deviceId: string | undefined;
  readonly onMade: (link: RotationLinkView) => void;
}

function LinkForm({ deviceId, onMade }: LinkFormProps) {
  const client = useQueryClient();
  const devices = useDeviceChoices();
  const form = useApiForm({
    schema: createRotationLinkBodySchema,
    values: { deviceId: deviceId ?? '', name: '', minIntervalSeconds: 60, expiresAt: null },
    onSubmit: async (values) => {
      const body = { ...values, minIntervalSeconds: values.minIntervalSeconds ?? 0 };
      const link = await api.post('/rotation-links', { body });
      await client.invalidateQueries({ queryKey: queries.rotationLinks().queryKey });
      notify.done(`Rotation link ${link.name} created`);
      onMade(link);
    },
  });
  return (
    <DialogForm form={form} submit="Create link">
      {deviceId === undefined && (
        <PickField
          {...{ form, name: 'deviceId', label: 'Phone', choices: devices }}
          placeholder="Choose a phone"
          autoFocus
        />
      )}
      <TextField
        {...{ form, name: 'name', label: 'Name' }}
        placeholder="Whom it is for"
        autoFocus={deviceId !== undefined}
      />
      <DurationField
        {...{ form, name: 'minIntervalSeconds', label: 'Minimum interval' }}
        keptIn="seconds"
        placeholder="None"
        hint="Between two rotations by this link. The phone’s own minimum holds as well."
      />
      <MomentField
        {...{ form, name: 'expiresAt', label: 'Expires' }}
        hint="In your own time zone. Without a date it works until it is revoked."
      />
    </DialogForm>
  );
}

/** The address in the forms in which it is wanted. */
function linesOfLink(url: string) {
  return [
    { label: 'Link', text: url },
    { label: 'curl', text: `curl -X POST '${url}?waitSeconds=60'` },
  ];
}
