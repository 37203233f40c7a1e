import type { ConnectionView, StatsOverview } from '@pocketproxy/protocol/api';
import { Link } from '@tanstack/react-router';
import { Check } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { CopyButton } from '#components/copy.tsx';
import { PairDialog } from '#components/pairing/pair-dialog.tsx';
import { Button } from '#components/ui/button.tsx';
import { cn } from '#lib/cn.ts';

export interface FirstStepsProps {
  readonly stats: StatsOverview;
  readonly connections: readonly ConnectionView[];
}

/** Whether a phone is paired, a connection made and traffic counted. */
export function stepsDone({ stats, connections }: FirstStepsProps): readonly [boolean, boolean, boolean] {
  const { bytesUp, bytesDown } = stats.today;
  return [
    stats.devices.total > 0,
    stats.connections.total > 0,
    bytesUp + bytesDown > 0 || connections.some(({ usedBytes }) => usedBytes > 0),
  ];
}

/** The way from an empty server to the first request through a phone; gone once it went through. */
export function FirstSteps(props: FirstStepsProps) {
  const [paired, connected, tested] = stepsDone(props);
  const [first] = props.connections;
  const [pairing, setPairing] = useState(false);
  if (paired && connected && tested) return null;
  return (
    <section aria-label="First steps" className="mx-6 mb-6 rounded-md border border-border max-md:mx-4">
      <h2 className="border-border border-b px-4 py-2.5 font-semibold">
        {`First steps: ${[paired, connected, tested].filter(Boolean).length} of 3 done`}
      </h2>
      <ol className="divide-y divide-border">
        <Step
          number={1}
          done={paired}
          title="Pair a phone"
          text="Scan a code with the phone that customers’ traffic shall leave through."
          action={
            <Button variant={paired ? 'secondary' : 'primary'} onClick={() => setPairing(true)}>
              Pair a phone
            </Button>
          }
        />
        <Step
          number={2}
          done={connected}
          title="Create a connection"
          text="A port with a user name and a password: what a customer is given."
          action={
            <Button variant={paired && !connected ? 'primary' : 'secondary'} asChild>
              <Link to="/connections" search={{ create: 'any' }}>
                Create a connection
              </Link>
            </Button>
          }
        />
        <Step
          number={3}
          done={tested}
          title="Test it"
          text="Fetch any page through it. Done as soon as its first bytes are counted, within seconds."
          action={first && <TestCommand connection={first} />}
        />
      </ol>
      <PairDialog open={pairing} onOpenChange={setPairing} />
    </section>
  );
}

interface StepProps {
  readonly number: number;
  readonly done: boolean;
  readonly title: string;
  readonly text: string;
  readonly action: ReactNode;
}

function Step({ number, done, title, text, action }: StepProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
      <span
        aria-hidden
        className={cn(
          'figures grid size-6 shrink-0 place-items-center rounded-full border border-border-strong text-xs',
          done && 'border-transparent bg-hover text-green',
        )}
      >
        {done ? <Check className="size-3.5" /> : number}
      </span>
      <div className={cn('min-w-48 flex-1', done && 'text-muted')}>
        <p className="font-medium">
          {title}
          {done && <span className="sr-only"> (done)</span>}
        </p>
        {!done && <p className="text-muted">{text}</p>}
      </div>
      {!done && action}
    </li>
  );
}

/** The address page of the relay would not do: it does not go through the phone, and so it is not counted. */
const TEST_PAGE = 'https://example.com/';

/** The password is known to whoever made the connection alone. */
function TestCommand({ connection }: { readonly connection: ConnectionView }) {
  const { host, port, username } = connection;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const command = `curl -x http://${authority} -U ${username} ${TEST_PAGE}`;
  return (
    <div className="flex min-w-0 max-w-full items-center gap-1 rounded-md border border-border bg-raised py-0.5 pr-1 pl-2.5">
      <code className="figures truncate text-muted">{command}</code>
      <CopyButton text={command} what="curl command" />
    </div>
  );
}
