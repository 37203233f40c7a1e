import type { SessionView } from '@pocketproxy/protocol/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Section } from '#components/page.tsx';
import { ErrorState } from '#components/states.tsx';
import { Time } from '#components/time.tsx';
import { Badge } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { api } from '#lib/api/client.ts';
import { NOTHING } from '#lib/format.ts';
import { notify } from '#lib/notify.ts';
import { sessionsQuery } from './sessions-query.ts';
import { describeUserAgent } from './user-agent.ts';

/** Where the account is signed in. */
export function SessionList() {
  const { data, error, refetch } = useQuery(sessionsQuery);
  return (
    <Section
      title="Sessions"
      lead="Where you are signed in. End what you do not know, then change the password."
    >
      {error && !data ? (
        <ErrorState error={error} title="Sessions could not be read" onRetry={() => void refetch()} />
      ) : (
        <ul className="max-w-3xl border-border border-t">
          {data
            ? data.items.map((session) => <Session key={session.id} session={session} />)
            : ['a', 'b'].map((key) => (
                <li key={key} aria-hidden className="flex h-12 items-center border-border border-b">
                  <Skeleton className="h-3 w-64" />
                </li>
              ))}
        </ul>
      )}
    </Section>
  );
}

function Session({ session }: { readonly session: SessionView }) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const { id, current, address, userAgent, createdAt, expiresAt } = session;
  const name = describeUserAgent(userAgent);
  const end = async (): Promise<void> => {
    setBusy(true);
    try {
      await api.delete('/auth/sessions/:id', { id });
      await client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
      notify.done(`Session of ${name} ended`);
    } catch (error) {
      notify.failed(`The session of ${name} was not ended`, error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <li className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 border-border border-b py-2">
      <span className="flex min-w-40 flex-1 items-center gap-2">
        <span className="truncate" title={userAgent ?? undefined}>
          {name}
        </span>
        {current && <Badge>This one</Badge>}
      </span>
      <span className="figures w-36 text-muted">{address ?? NOTHING}</span>
      <span className="w-52 text-muted text-xs">
        since <Time at={createdAt} />, ends <Time at={expiresAt} />
      </span>
      <span className="flex w-16 justify-end">
        {!current && (
          <Button size="sm" busy={busy} aria-label={`End the session of ${name}`} onClick={() => void end()}>
            End
          </Button>
        )}
      </span>
    </li>
  );
}
