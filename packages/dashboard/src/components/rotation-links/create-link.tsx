import { lazyDialog } from '../lazy-dialog.tsx';
import type { CreateLinkProps } from './create-link-dialog.tsx';

/** Asks what a rotation link is for, makes it, and shows its address this once. */
export const CreateLink = lazyDialog<CreateLinkProps>(
  async () => (await import('./create-link-dialog.tsx')).CreateLinkDialog,
);
