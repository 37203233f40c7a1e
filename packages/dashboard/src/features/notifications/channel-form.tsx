import {
  type ChannelType,
  type CreatedNotificationChannel,
  createNotificationChannelBodySchema,
  type NotificationChannelView,
  type NotificationEvent,
  updateNotificationChannelBodySchema,
} from '@pocketproxy/protocol/api';
import { useQueryClient } from '@tanstack/react-query';
import { ChecksField, SelectField, SwitchField } from '#components/form/choice-fields.tsx';
import { DialogForm } from '#components/form/form-dialog.tsx';
import { TextField } from '#components/form/text-fields.tsx';
import { useApiForm } from '#components/form/use-api-form.ts';
import { api } from '#lib/api/client.ts';
import { notify } from '#lib/notify.ts';
import { EVENT_OPTIONS } from './events.ts';
import { channelsQuery } from './notification-queries.ts';

const TYPES = [
  { value: 'webhook', label: 'Webhook' },
  { value: 'email', label: 'E-mail' },
];

/** How the field for where messages go is worded. */
const TARGETS = {
  webhook: { label: 'URL', placeholder: 'https://hooks.example.com/pocketproxy', mono: true },
  email: { label: 'E-mail address', placeholder: 'ops@example.com', mono: false },
} as const;

/** What most want to be told of. */
const USUAL_EVENTS: NotificationEvent[] = [
  'device.offline',
  'device.recovered',
  'quota.exhausted',
  'rotation.failing',
];

/** Makes a channel. */
export function CreateChannelForm({
  onCreated,
}: {
  readonly onCreated: (channel: CreatedNotificationChannel) => void;
}) {
  const client = useQueryClient();
  const form = useApiForm({
    schema: createNotificationChannelBodySchema,
    values: { type: 'webhook', name: '', target: '', events: USUAL_EVENTS, enabled: true },
    onSubmit: async (body) => {
      const made = await api.post('/notification-channels', { body });
      await client.invalidateQueries({ queryKey: channelsQuery.queryKey });
      notify.done(`Channel ${made.name} created`);
      onCreated(made);
    },
  });
  const type: ChannelType = form.fields.watch('type');
  return (
    <DialogForm form={form} submit="Create channel">
      <div className="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
        <TextField form={form} name="name" label="Name" placeholder="Operations" autoFocus />
        <SelectField form={form} name="type" label="Type" options={TYPES} />
      </div>
      <TextField form={form} name="target" {...TARGETS[type]} />
      {type === 'webhook' && (
        <TextField
          form={form}
          name="secret"
          label="Secret"
          mono
          optional
          placeholder="One is made up"
          hint="What messages are signed with, as Standard Webhooks says. Shown once."
        />
      )}
      <ChecksField form={form} name="events" label="Tell of" columns={2} options={EVENT_OPTIONS} />
    </DialogForm>
  );
}

/** Changes a channel; its type stays. */
export function EditChannelForm({
  channel: { id, version, type, name, target, events, enabled },
  onDone,
}: {
  readonly channel: NotificationChannelView;
  readonly onDone: () => void;
}) {
  const client = useQueryClient();
  const form = useApiForm({
    schema: updateNotificationChannelBodySchema,
    values: { name, target, events, enabled },
    onSubmit: async (body) => {
      const changed = await api.patch('/notification-channels/:id', { id, version, body });
      await client.invalidateQueries({ queryKey: channelsQuery.queryKey });
      notify.done(`Channel ${changed.name} changed`);
      onDone();
    },
  });
  return (
    <DialogForm form={form} submit="Save">
      <TextField form={form} name="name" label="Name" autoFocus />
      <TextField form={form} name="target" {...TARGETS[type]} />
      <ChecksField form={form} name="events" label="Tell of" columns={2} options={EVENT_OPTIONS} />
      <SwitchField form={form} name="enabled" label="Send messages" />
    </DialogForm>
  );
}
