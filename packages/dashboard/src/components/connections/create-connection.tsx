import { lazyDialog } from '../lazy-dialog.tsx';
import type { CreateConnectionProps } from './create-connection-dialog.tsx';

/** Asks for a connection, makes it, and shows its credentials this once. */
export const CreateConnection = lazyDialog<CreateConnectionProps>(
  async () => (await import('./create-connection-dialog.tsx')).CreateConnectionDialog,
);
