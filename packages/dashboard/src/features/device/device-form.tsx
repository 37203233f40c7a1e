import { type DeviceView, type UpdateDeviceBody, updateDeviceBodySchema } from '@pocketproxy/protocol/api';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { Form, FormProblem, SubmitButton } from '#components/form/form.tsx';
import { type ApiForm, useApiForm } from '#components/form/use-api-form.ts';
import { Alert } from '#components/ui/alert.tsx';
import { Button } from '#components/ui/button.tsx';
import { hasCode } from '#lib/api/api-error.ts';
import { api } from '#lib/api/client.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { notify } from '#lib/notify.ts';
import { changedFields, isEmpty, pickFields } from './changed-fields.ts';

type FieldName = keyof UpdateDeviceBody;

export interface DeviceFormProps {
  readonly device: DeviceView;
  /** What it edits; must stay the same array. */
  readonly names: readonly FieldName[];
  /** What is told when it is saved, such as `Schedule saved`. */
  readonly saved: string;
  readonly children: (form: ApiForm<UpdateDeviceBody>) => ReactNode;
}

/**
 * Edits some fields of a device. Sends those that were changed. What somebody else changes meanwhile is taken over,
 * unless that would take away what is typed here: then it is said.
 */
export function DeviceForm(props: DeviceFormProps) {
  const { device } = props;
  const [base, setBase] = useState({ device, epoch: 0 });
  return (
    <Fields
      {...props}
      key={base.epoch}
      base={base.device}
      onSaved={(saved) => setBase(({ epoch }) => ({ device: saved, epoch }))}
      onReload={() => setBase(({ epoch }) => ({ device, epoch: epoch + 1 }))}
    />
  );
}

interface FieldsProps extends DeviceFormProps {
  /** What the form began with. */
  readonly base: DeviceView;
  readonly onSaved: (device: DeviceView) => void;
  /** Begins anew with the device as it is now. */
  readonly onReload: () => void;
}

function Fields({ device, base, names, saved, children, onSaved, onReload }: FieldsProps) {
  const client = useQueryClient();
  const mayWrite = usePermissions()('devices:write');
  const form = useApiForm<UpdateDeviceBody>({
    schema: updateDeviceBodySchema,
    values: pickFields(base, names),
    onSubmit: async (values) => {
      const body = changedFields(base, values, names);
      const now = await api
        .patch('/devices/:id', { id: device.id, body, version: device.version })
        .catch((error: unknown) => {
          // The live feed brings what it is now.
          if (hasCode(error, 'precondition_failed')) {
            void client.invalidateQueries({ queryKey: ['devices', device.id], exact: true });
          }
          throw error;
        });
      client.setQueryData(['devices', device.id], now);
      form.fields.reset(pickFields(now, names));
      onSaved(now);
      notify.done(saved);
    },
  });
  const { isDirty } = form.fields.formState;
  const isOld = !form.busy && !isEmpty(changedFields(base, pickFields(device, names), names));
  useEffect(() => {
    if (isOld && !isDirty) onReload();
  });
  return (
    <Form form={form} className="max-w-2xl">
      <fieldset disabled={!mayWrite} className="flex flex-col gap-4">
        {children(form)}
      </fieldset>
      {isOld && isDirty && (
        <Alert tone="warning" title="Somebody has changed this meanwhile">
          <Button variant="link" size="inline" onClick={onReload}>
            Show what it is now
          </Button>{' '}
          and lose what is typed here.
        </Alert>
      )}
      <FormProblem form={form} />
      {mayWrite && (
        <div className="flex gap-2">
          <SubmitButton form={form} variant="secondary" disabled={!isDirty && !form.busy}>
            Save
          </SubmitButton>
          {isDirty && !form.busy && (
            <Button variant="ghost" onClick={() => onReload()}>
              Discard
            </Button>
          )}
        </div>
      )}
    </Form>
  );
}
