import type { ReactNode } from 'react';
import { CopyButton } from './copy.tsx';
import { Alert } from './ui/alert.tsx';
import { Button } from './ui/button.tsx';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from './ui/dialog.tsx';

/** One thing to copy. */
export interface SecretLine {
  readonly label: string;
  readonly text: string;
}

export interface SecretSheetProps {
  readonly title: string;
  /** What is shown this once, such as "The key". */
  readonly what: string;
  /** What to do when it is lost. */
  readonly remedy: string;
  /** `null` closes it. */
  readonly lines: readonly SecretLine[] | null;
  readonly onClose: () => void;
  /** More buttons. */
  readonly actions?: ReactNode;
  /** Above the lines. */
  readonly children?: ReactNode;
}

/** Shows once what the server will never tell again. */
export function SecretSheet({ title, what, remedy, lines, onClose, actions, children }: SecretSheetProps) {
  return (
    <Dialog open={lines !== null} onOpenChange={(open) => !open && onClose()}>
      {lines && (
        <DialogContent
          title={title}
          className="w-[min(46rem,calc(100vw-2rem))]"
          // Nothing that is shown once goes away by a click beside it.
          onInteractOutside={(event) => event.preventDefault()}
        >
          <DialogBody>
            <Alert tone="warning" title={`${what} is shown this once`}>
              Copy what you need now. It cannot be read again. {remedy}
            </Alert>
            {children}
            {lines.length > 0 && <SecretLines lines={lines} />}
          </DialogBody>
          <DialogFooter>
            {actions}
            <DialogClose asChild>
              <Button variant="primary">Done</Button>
            </DialogClose>
          </DialogFooter>
        </DialogContent>
      )}
    </Dialog>
  );
}

/** Labels, texts, and buttons to copy them. */
export function SecretLines({ lines }: { readonly lines: readonly SecretLine[] }) {
  return (
    <dl className="flex flex-col divide-y divide-border rounded-md border border-border">
      {lines.map(({ label, text }) => (
        <div key={label} className="flex items-center gap-3 py-1 pr-1.5 pl-3">
          <dt className="w-28 shrink-0 text-muted text-xs">{label}</dt>
          <dd className="flex min-w-0 flex-1 items-center gap-3">
            {/* Whole, for those who cannot copy. */}
            <span className="figures min-w-0 flex-1 wrap-anywhere">{text}</span>
            <CopyButton text={text} what={label} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
