import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#lib/api/client.ts';
import { queries } from '#lib/api/queries.ts';
import { ErrorState } from '../states.tsx';
import { Dialog, DialogContent } from '../ui/dialog.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ArrivedPhone } from './arrived-phone.tsx';
import { PairingSteps } from './pairing-steps.tsx';

export interface PairDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** The device that gets another phone or another key; a new device when left out. */
  readonly device?: { readonly id: string; readonly name: string };
}

/** Pairs a phone: shows a code, notices when the phone comes, and leads on to what is to be done then. */
export function PairingDialog({ open, onOpenChange, device }: PairDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      {open && (
        <DialogContent
          title={device ? `Pair “${device.name}” anew` : 'Pair a phone'}
          className="w-[min(40rem,calc(100vw-2rem))]"
          // Something is under way on a phone meanwhile.
          onInteractOutside={(event) => event.preventDefault()}
        >
          <Pairing {...(device && { device })} onClose={() => onOpenChange(false)} />
        </DialogContent>
      )}
    </Dialog>
  );
}

/** One code for each opening of the dialog: it is made once and never again by itself. */
function newCodeQuery(request: string, deviceId: string | undefined) {
  return queryOptions({
    queryKey: ['new-pairing-code', request],
    queryFn: () => api.post('/pairing-codes', { body: { deviceId }, idempotencyKey: request }),
    staleTime: 'static',
    gcTime: 0,
    retry: false,
  });
}

interface PairingProps extends Pick<PairDialogProps, 'device'> {
  readonly onClose: () => void;
}

function Pairing({ device, onClose }: PairingProps) {
  const [request, setRequest] = useState(newRequest);
  const { data: made, error, refetch } = useQuery(newCodeQuery(request, device?.id));
  const { data: code } = useQuery({ ...queries.pairingCode(made?.id ?? ''), enabled: made !== undefined });
  if (error) {
    return <ErrorState error={error} title="No code could be made" onRetry={() => void refetch()} />;
  }
  if (!made) return <PairingSkeleton />;
  if (code?.status === 'used' && code.deviceId !== null) {
    return <ArrivedPhone deviceId={code.deviceId} again={device !== undefined} onClose={onClose} />;
  }
  return (
    <PairingSteps
      {...{ made, again: device !== undefined }}
      onRenew={() => setRequest(newRequest())}
      key={made.id}
    />
  );
}

function newRequest(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join('');
}

function PairingSkeleton() {
  return (
    <div role="status" className="flex gap-5 px-5 pb-5 max-sm:flex-col">
      <span className="sr-only">Making a code</span>
      <Skeleton className="size-[200px] shrink-0" />
      <div className="flex flex-1 flex-col gap-3">
        <Skeleton className="h-4 w-3/4" />
        <Skeleton className="h-8" />
        <Skeleton className="h-4 w-1/2" />
        <Skeleton className="h-8" />
      </div>
    </div>
  );
}
