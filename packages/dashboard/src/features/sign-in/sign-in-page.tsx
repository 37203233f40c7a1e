import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Door } from '#components/door.tsx';
import { type Credentials, session } from '#lib/api/session.ts';
import { useSession } from '#lib/api/use-session.ts';
import { CodeForm } from './code-form.tsx';
import { PasswordForm } from './password-form.tsx';

const route = getRouteApi('/sign-in');

/** E-mail and password, then the second factor of those who have one. */
export function SignInPage() {
  const { next } = route.useSearch();
  const navigate = useNavigate();
  const state = useSession();
  const [halfway, setHalfway] = useState<Credentials | null>(null);
  const signIn = async (credentials: Credentials): Promise<void> => {
    await session.signIn(credentials);
    await navigate({ href: next ?? '/', replace: true });
  };
  const expired = state.status === 'signed-out' && state.expired;
  if (halfway) {
    return (
      <Door
        title="Second factor"
        lead="Enter the code that your authenticator shows, or one of your backup codes."
      >
        <CodeForm onCode={(code) => signIn({ ...halfway, code })} onBack={() => setHalfway(null)} />
      </Door>
    );
  }
  return (
    <Door
      title="Sign in"
      lead={expired ? 'Your session has ended. Sign in to go on where you were.' : undefined}
    >
      <PasswordForm onPassword={signIn} onCodeNeeded={setHalfway} />
    </Door>
  );
}
