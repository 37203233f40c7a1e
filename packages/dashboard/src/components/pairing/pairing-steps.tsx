import type { CreatedPairingCode } from '@pocketproxy/protocol/api';
import { LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { useSecondsLeft } from '#lib/use-seconds-left.ts';
import { CopyButton } from '../copy.tsx';
import { QrCode } from '../qr-code.tsx';
import { Alert } from '../ui/alert.tsx';
import { Button } from '../ui/button.tsx';
import { DialogBody, DialogFooter } from '../ui/dialog.tsx';
import { clockText } from './clock-text.ts';

export interface PairingStepsProps {
  readonly made: CreatedPairingCode;
  /** Whether an existing device gets another phone. */
  readonly again: boolean;
  /** Asks for another code. */
  readonly onRenew: () => void;
}

/** The code and what to do with it, until the phone comes or the time is over. */
export function PairingSteps({ made, again, onRenew }: PairingStepsProps) {
  const left = useSecondsLeft(made.expiresAt);
  if (left === 0) return <Expired onRenew={onRenew} />;
  return (
    <>
      <DialogBody>
        {again && (
          <Alert tone="warning" title="The phone that is paired now is cut off as soon as another one comes">
            Ports, connections and passwords stay as they are.
          </Alert>
        )}
        <div className="flex gap-6 max-sm:flex-col">
          <div className="flex shrink-0 flex-col items-center gap-2">
            <QrCode text={made.pairingUrl} label="QR code with the pairing URL" />
            <p className="figures text-muted text-xs">{made.code}</p>
            <CopyButton text={made.pairingUrl} what="pairing URL" label="Copy pairing URL" />
          </div>
          <ol className="flex min-w-0 flex-1 flex-col gap-4">
            <Step number={1} title="Bring the agent to the phone">
              <p>
                Copy <code className="figures">pocketproxy-agent.mjs</code>, which{' '}
                <code className="figures">npm run build</code> makes, to the phone. It needs Node.js 18 or
                later; on Android that is in Termux.
              </p>
            </Step>
            <Step number={2} title="Pair it there">
              <Command text={`node pocketproxy-agent.mjs pair '${made.pairingUrl}'`} what="pairing command" />
              <p>Or scan the QR code with the phone, and paste the URL that it holds.</p>
            </Step>
            <Step number={3} title="Start it">
              <Command text="node pocketproxy-agent.mjs run" what="run command" />
            </Step>
          </ol>
        </div>
      </DialogBody>
      <DialogFooter className="justify-between">
        <p role="status" className="flex items-center gap-2 text-muted">
          <LoaderCircle aria-hidden className="size-4 animate-spin" />
          Waiting for the phone
        </p>
        <p className="text-muted">
          The code works once, for another{' '}
          <span role="timer" className="figures text-foreground">
            {clockText(left)}
          </span>
        </p>
      </DialogFooter>
    </>
  );
}

function Step(props: { readonly number: number; readonly title: string; readonly children: ReactNode }) {
  return (
    <li className="flex gap-3">
      <span
        aria-hidden
        className="figures grid size-5 shrink-0 place-items-center rounded-full border border-border text-muted text-xs"
      >
        {props.number}
      </span>
      <div className="flex min-w-0 flex-1 flex-col gap-1.5">
        <p className="font-medium">{props.title}</p>
        <div className="flex flex-col gap-1.5 text-muted">{props.children}</div>
      </div>
    </li>
  );
}

function Command({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <div className="flex min-w-0 items-center gap-1 rounded-md border border-border bg-raised py-0.5 pr-1 pl-2.5">
      <code className="figures min-w-0 flex-1 truncate text-foreground" title={text}>
        {text}
      </code>
      <CopyButton text={text} what={what} />
    </div>
  );
}

function Expired({ onRenew }: Pick<PairingStepsProps, 'onRenew'>) {
  return (
    <>
      <DialogBody>
        <Alert tone="warning" title="The code has expired">
          No phone came within its time. A new one takes its place.
        </Alert>
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" autoFocus onClick={onRenew}>
          Make a new code
        </Button>
      </DialogFooter>
    </>
  );
}
