import { Download, RotateCw, X } from 'lucide-react';
import { useState } from 'react';
import { CopyButton } from '#components/copy.tsx';
import { Button } from '#components/ui/button.tsx';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from '#components/ui/dialog.tsx';
import { usePermissions } from '#lib/api/use-session.ts';
import { plural } from '#lib/format.ts';
import type { DeviceRow } from './device-row.ts';
import { useRotateMany } from './rotate-many.ts';

export interface SelectionBarProps {
  readonly selected: readonly DeviceRow[];
  readonly onExport: () => void;
  readonly onClear: () => void;
}

/** What can be done with several phones at once. */
export function SelectionBar({ selected, onExport, onClear }: SelectionBarProps) {
  const may = usePermissions();
  const [asking, setAsking] = useState(false);
  const online = selected.filter(({ status }) => status === 'online');
  const addresses = selected.flatMap(({ exitIp }) => exitIp ?? []);
  return (
    <div className="sticky bottom-4 z-30 mx-auto mt-4 flex w-fit flex-wrap items-center gap-2 rounded-md border border-border bg-overlay py-1.5 pr-1.5 pl-3 shadow-lg">
      <p role="status" className="mr-2">
        {plural(selected.length, 'device')} selected
      </p>
      {may('rotations:write') && (
        <Button size="sm" disabled={online.length === 0} onClick={() => setAsking(true)}>
          <RotateCw aria-hidden />
          Rotate
        </Button>
      )}
      {addresses.length > 0 && (
        <CopyButton text={addresses.join('\n')} what="exit addresses" label="Copy addresses" />
      )}
      <Button size="sm" onClick={onExport}>
        <Download aria-hidden />
        Export CSV
      </Button>
      <Button variant="ghost" size="icon-sm" className="ml-2" aria-label="Clear selection" onClick={onClear}>
        <X />
      </Button>
      <ConfirmRotation
        open={asking}
        onOpenChange={setAsking}
        devices={online}
        skipped={selected.length - online.length}
      />
    </div>
  );
}

interface ConfirmRotationProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly devices: readonly DeviceRow[];
  /** How many of the selected ones are not online. */
  readonly skipped: number;
}

function ConfirmRotation({ open, onOpenChange, devices, skipped }: ConfirmRotationProps) {
  const rotate = useRotateMany();
  const connections = devices.reduce((sum, each) => sum + (each.connections ?? 0), 0);
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        title={`Rotate ${plural(devices.length, 'device')}?`}
        description="Each gets a new address, and is away for some seconds meanwhile."
      >
        <DialogBody>
          <p className="text-muted">
            {`What is being transferred through their ${plural(connections, 'connection')} breaks off; new requests wait.`}
            {skipped > 0 &&
              ` ${plural(skipped, 'selected device')} that ${skipped === 1 ? 'is' : 'are'} not online stay as they are.`}
          </p>
        </DialogBody>
        <DialogFooter>
          <DialogClose asChild>
            <Button variant="ghost">Cancel</Button>
          </DialogClose>
          <Button
            variant="primary"
            autoFocus
            onClick={() => {
              rotate(devices);
              onOpenChange(false);
            }}
          >
            {`Rotate ${plural(devices.length, 'device')}`}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
