import { type DeviceView, updateDeviceBodySchema } from '@pocketproxy/protocol/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { useRef } from 'react';
import { api } from '#lib/api/client.ts';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { CopyText } from '../copy.tsx';
import { Form, FormProblem, SubmitButton } from '../form/form.tsx';
import { TextField } from '../form/text-fields.tsx';
import { useApiForm } from '../form/use-api-form.ts';
import { ErrorState } from '../states.tsx';
import { DeviceStatus } from '../status.tsx';
import { Button } from '../ui/button.tsx';
import { DialogBody, DialogFooter } from '../ui/dialog.tsx';
import { Skeleton } from '../ui/skeleton.tsx';

export interface ArrivedPhoneProps {
  readonly deviceId: string;
  /** Whether it took the place of another one. */
  readonly again: boolean;
  readonly onClose: () => void;
}

/** The phone has come: how it is, its name, and the way on to its first connection. */
export function ArrivedPhone({ deviceId, again, onClose }: ArrivedPhoneProps) {
  const { data: device, error, refetch } = useQuery(queries.device(deviceId));
  if (error && !device) {
    return <ErrorState error={error} title="The phone could not be read" onRetry={() => void refetch()} />;
  }
  if (!device) {
    return (
      <DialogBody>
        <Skeleton className="h-14" />
        <Skeleton className="h-8" />
      </DialogBody>
    );
  }
  return again ? (
    <>
      <DialogBody>
        <Arrival device={device} />
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" autoFocus onClick={onClose}>
          Done
        </Button>
      </DialogFooter>
    </>
  ) : (
    <Naming {...{ device, onClose }} />
  );
}

/** Says that it is paired, and how it gets on. */
function Arrival({ device }: { readonly device: DeviceView }) {
  const { status, exitIp, carrier, networkType, model } = device;
  return (
    <div
      role="status"
      className="flex items-start gap-2.5 rounded-md border border-border bg-raised px-3 py-2.5"
    >
      <CircleCheck aria-hidden className="mt-px size-4 shrink-0 text-green" />
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p className="font-medium">{`${model ?? 'The phone'} is paired`}</p>
        <p className="flex min-h-6 flex-wrap items-center gap-x-3 text-muted">
          {status === 'online' ? (
            <>
              <DeviceStatus status={status} />
              {exitIp !== null && <CopyText text={exitIp} what="exit address" />}
              {[carrier, networkType].filter(Boolean).join(' ')}
            </>
          ) : (
            <span>
              It is not connected yet: start it there with{' '}
              <code className="figures">node pocketproxy-agent.mjs run</code>
            </span>
          )}
        </p>
      </div>
    </div>
  );
}

const NAME = updateDeviceBodySchema.pick({ name: true }).required();

function Naming({ device, onClose }: { readonly device: DeviceView; readonly onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const may = usePermissions();
  const mayConnect = may('connections:write');
  const connect = useRef(false);
  const form = useApiForm({
    schema: NAME,
    values: { name: device.name },
    onSubmit: async ({ name }) => {
      if (name.trim() !== device.name) {
        await api.patch('/devices/:id', { id: device.id, body: { name } });
        await client.invalidateQueries({ queryKey: ['devices', device.id], exact: true });
      }
      onClose();
      if (connect.current)
        void navigate({
          to: '/devices/$id/connections',
          params: { id: device.id },
          search: { create: 'new' },
        });
    },
  });
  return (
    <Form form={form} className="gap-0">
      <DialogBody>
        <Arrival device={device} />
        <TextField form={form} name="name" label="Name" autoFocus hint="How you find it among the others" />
        <FormProblem form={form} />
      </DialogBody>
      <DialogFooter>
        <SubmitButton
          form={form}
          variant={mayConnect ? 'ghost' : 'primary'}
          onClick={() => {
            connect.current = false;
          }}
        >
          Done
        </SubmitButton>
        {mayConnect && (
          <SubmitButton
            form={form}
            onClick={() => {
              connect.current = true;
            }}
          >
            Create its first connection
          </SubmitButton>
        )}
      </DialogFooter>
    </Form>
  );
}
