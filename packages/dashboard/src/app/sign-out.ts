import { session } from '#lib/api/session.ts';
import { notify } from '#lib/notify.ts';

/** Signs out, and says so when the server does not know. */
export async function signOut(): Promise<void> {
  if (await session.signOut()) return;
  notify.failed(
    'Signed out on this page only: the server could not be told. Sign in and out again once it can be reached, ' +
      'or whoever opens this browser next is signed in.',
  );
}
