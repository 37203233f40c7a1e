import type { NotificationChannelView } from '@pocketproxy/protocol/api';
import { Pencil, Send, Trash2 } from 'lucide-react';
import { CopyText } from '#components/copy.tsx';
import { Facts } from '#components/facts.tsx';
import { Status } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { Alert } from '#components/ui/alert.tsx';
import { Button } from '#components/ui/button.tsx';
import { Dialog, DialogBody, DialogContent } from '#components/ui/dialog.tsx';
import { usePermissions } from '#lib/api/use-session.ts';
import { formatDuration } from '#lib/format.ts';
import { DeliveryList } from './delivery-list.tsx';
import { EVENTS } from './events.ts';
import { useTestChannel } from './use-test-channel.ts';

export interface ChannelSheetProps {
  /** `null` closes it. */
  readonly channel: NotificationChannelView | null;
  readonly onClose: () => void;
  readonly onEdit: (channel: NotificationChannelView) => void;
  readonly onDelete: (channel: NotificationChannelView) => void;
}

/** One channel: what it tells of, whether it works, and what was sent. */
export function ChannelSheet({ channel, onClose, onEdit, onDelete }: ChannelSheetProps) {
  return (
    <Dialog open={channel !== null} onOpenChange={(open) => !open && onClose()}>
      {channel && (
        <DialogContent
          side="right"
          className="w-[min(34rem,100vw)]"
          title={channel.name}
          description={channel.type === 'email' ? 'E-mail' : 'Signed webhook'}
        >
          <DialogBody className="gap-5">
            <ChannelFacts channel={channel} />
            <Actions {...{ channel, onEdit, onDelete }} />
            <DeliveryList channel={channel} />
          </DialogBody>
        </DialogContent>
      )}
    </Dialog>
  );
}

function ChannelFacts({ channel }: { readonly channel: NotificationChannelView }) {
  const { enabled, target, events, createdAt } = channel;
  return (
    <Facts
      narrow
      facts={[
        ['Status', <Status key="status" tone={enabled ? 'good' : 'idle'} word={enabled ? 'On' : 'Off'} />],
        ['Sent to', <CopyText key="target" text={target} what="target" className="max-w-full" />],
        ['Tells of', events.map((event) => EVENTS[event].label).join(', ')],
        ['Created', <Time key="created" at={createdAt} />],
      ]}
    />
  );
}

function Actions({
  channel,
  onEdit,
  onDelete,
}: Pick<ChannelSheetProps, 'onEdit' | 'onDelete'> & { readonly channel: NotificationChannelView }) {
  const may = usePermissions();
  const test = useTestChannel();
  if (!may('notifications:write')) return null;
  const outcome = test.data;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" busy={test.isPending} onClick={() => test.mutate(channel)}>
          <Send aria-hidden />
          Send a test
        </Button>
        <Button onClick={() => onEdit(channel)}>
          <Pencil aria-hidden />
          Change
        </Button>
        <Button variant="danger" onClick={() => onDelete(channel)}>
          <Trash2 aria-hidden />
          Delete
        </Button>
      </div>
      {outcome && !test.isPending && (
        <Alert
          tone={outcome.delivered ? 'info' : 'error'}
          title={
            outcome.delivered
              ? `Delivered in ${formatDuration(outcome.durationMs)}`
              : `Not delivered after ${formatDuration(outcome.durationMs)}`
          }
        >
          {outcome.error ?? undefined}
        </Alert>
      )}
    </div>
  );
}
