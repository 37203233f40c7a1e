import { lazyDialog } from '../lazy-dialog.tsx';
import type { PairDialogProps } from './pairing-dialog.tsx';

/** Pairs a phone: shows a code, notices when the phone comes, and leads on to what is to be done then. */
export const PairDialog = lazyDialog<PairDialogProps>(
  async () => (await import('./pairing-dialog.tsx')).PairingDialog,
);
