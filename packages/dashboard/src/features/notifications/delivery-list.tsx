import type { NotificationChannelView, NotificationDeliveryView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { EmptyState, ErrorState } from '#components/states.tsx';
import { Status, type Tone } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { Button } from '#components/ui/button.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { plural } from '#lib/format.ts';
import { eventLabel } from './events.ts';
import { deliveriesQuery } from './notification-queries.ts';

/** What was sent to a channel lately, and what became of it. */
export function DeliveryList({ channel }: { readonly channel: NotificationChannelView }) {
  const { data, error, refetch, isFetching } = useQuery(deliveriesQuery(channel.id));
  return (
    <section className="flex flex-col gap-2">
      <div className="flex items-center justify-between">
        <h3 className="font-semibold">Messages of the last 30 days</h3>
        <Button variant="ghost" size="sm" busy={isFetching} onClick={() => void refetch()}>
          {!isFetching && <RefreshCw aria-hidden />}
          Look again
        </Button>
      </div>
      {error && !data ? (
        <ErrorState error={error} title="Messages could not be read" onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Rows />
      ) : data.items.length === 0 ? (
        <EmptyState title="Nothing was sent yet">
          A test shows whether messages arrive. What happens later is told by itself.
        </EmptyState>
      ) : (
        <ul className="border-border border-t">
          {data.items.map((delivery) => (
            <Delivery key={delivery.id} delivery={delivery} />
          ))}
        </ul>
      )}
    </section>
  );
}

const STATES: Readonly<Record<NotificationDeliveryView['status'], readonly [Tone, string]>> = {
  pending: ['busy', 'Waiting'],
  delivered: ['good', 'Delivered'],
  failed: ['bad', 'Failed'],
};

function Delivery({ delivery }: { readonly delivery: NotificationDeliveryView }) {
  const { status, event, attempts, lastError, createdAt, nextAttemptAt } = delivery;
  const [tone, word] = STATES[status];
  return (
    <li className="flex flex-col gap-0.5 border-border border-b py-2">
      <span className="flex items-center gap-3">
        <Status tone={tone} word={word} className="w-24 shrink-0" />
        <span className="min-w-0 flex-1 truncate">{eventLabel(event)}</span>
        <span className="text-muted text-xs">
          <Time at={createdAt} />
        </span>
      </span>
      {(attempts > 1 || lastError !== null || nextAttemptAt !== null) && (
        <span className="pl-27 text-muted text-xs">
          {plural(attempts, 'attempt')}
          {lastError !== null && `: ${lastError}`}
          {nextAttemptAt !== null && (
            <>
              {'; next '}
              <Time at={nextAttemptAt} />
            </>
          )}
        </span>
      )}
    </li>
  );
}

function Rows() {
  return (
    <div aria-hidden className="border-border border-t">
      {['w-1/2', 'w-2/3', 'w-1/2', 'w-3/5'].map((width, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <div key={at} className="flex h-9 items-center gap-3 border-border border-b">
          <Skeleton className="h-3 w-20" />
          <Skeleton className={`h-3 ${width}`} />
        </div>
      ))}
    </div>
  );
}
