import type { DeviceView } from '@pocketproxy/protocol/api';
import { Button } from '#components/ui/button.tsx';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from '#components/ui/dialog.tsx';

export interface ConfirmRebootProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly device: DeviceView;
  readonly onConfirm: () => void;
}

/** Asks before a phone goes away for a minute or more. */
export function ConfirmReboot({ open, onOpenChange, device, onConfirm }: ConfirmRebootProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        title={`Reboot “${device.name}”?`}
        description="It is offline until it has started again, which takes a minute or two."
      >
        <DialogBody>
          <p className="text-muted">
            What its customers transfer breaks off, and their requests are refused meanwhile. A phone with a
            locked SIM card or screen may not come back by itself.
          </p>
        </DialogBody>
        <DialogFooter>
          <DialogClose asChild>
            <Button variant="ghost">Cancel</Button>
          </DialogClose>
          <Button
            variant="danger"
            onClick={() => {
              onConfirm();
              onOpenChange(false);
            }}
          >
            Reboot
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
