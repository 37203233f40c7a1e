import { type ReactNode, useState } from 'react';
import { messageOf } from '#lib/api/api-error.ts';
import { Alert } from './ui/alert.tsx';
import { Button } from './ui/button.tsx';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from './ui/dialog.tsx';

export interface ConfirmDeleteProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** Kind of thing, such as `device`. */
  readonly kind: string;
  readonly name: string;
  /** What is lost with it, each a few words: `3 connections, whose customers lose access`. */
  readonly dependants: readonly string[];
  /** Deletes it; the dialog stays open and says why when that fails. */
  readonly onConfirm: () => Promise<unknown>;
  /** Another word than "Delete", such as "Revoke". */
  readonly verb?: string;
  /** Instead of "This cannot be undone.", where it can. */
  readonly note?: string;
  /** Words on the button, where verb and kind do not say it. */
  readonly button?: string;
  readonly children?: ReactNode;
}

/** Asks before something is lost: names it, and what depends on it. */
export function ConfirmDelete(props: ConfirmDeleteProps) {
  const { open, onOpenChange, kind, name, dependants, onConfirm, verb = 'Delete', button, children } = props;
  const { note = 'This cannot be undone.' } = props;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title={`${verb} ${kind} “${name}”?`} description={note}>
        <DialogBody>
          {dependants.length > 0 && (
            <div className="flex flex-col gap-1">
              <p>What is lost with it:</p>
              <ul className="list-disc pl-5 text-muted">
                {dependants.map((text) => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
            </div>
          )}
          {children}
          {error !== null && <Alert tone="error" title={messageOf(error)} />}
        </DialogBody>
        <DialogFooter>
          <DialogClose asChild>
            <Button variant="ghost">Cancel</Button>
          </DialogClose>
          <Button variant="danger" busy={busy} onClick={() => void confirm()}>
            {button ?? `${verb} ${kind}`}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
