import { acceptInvitationBodySchema } from '@pocketproxy/protocol/api';
import { Link, useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import { Door } from '#components/door.tsx';
import { Form, FormProblem, SubmitButton } from '#components/form/form.tsx';
import { TextField } from '#components/form/text-fields.tsx';
import { useApiForm } from '#components/form/use-api-form.ts';
import { Button } from '#components/ui/button.tsx';
import { acceptInvitation } from './accept-invitation.ts';

/** Where an invitation leads: the link holds its token behind the `#`, which no server ever sees. */
export function InvitationPage() {
  const token = useLocation({ select: ({ hash }) => hash });
  const [email, setEmail] = useState<string | null>(null);
  if (token === '') {
    return (
      <Door title="Invitation" lead="This link is not complete. Open the whole link that you were sent.">
        <ToSignIn />
      </Door>
    );
  }
  if (email !== null) {
    return (
      <Door title="Welcome" lead={`Your account is ready. Sign in as ${email}.`}>
        <ToSignIn />
      </Door>
    );
  }
  return (
    <Door title="Accept your invitation" lead="Choose the password that you will sign in with.">
      <InvitationForm token={token} onAccepted={setEmail} />
    </Door>
  );
}

function InvitationForm({ token, onAccepted }: { token: string; onAccepted: (email: string) => void }) {
  const form = useApiForm({
    schema: acceptInvitationBodySchema,
    values: { token, password: '' },
    onSubmit: async (body) => onAccepted((await acceptInvitation(body)).email),
  });
  return (
    <Form form={form}>
      <TextField form={form} name="name" label="Your name" autoComplete="name" optional autoFocus />
      <TextField
        form={form}
        name="password"
        label="Password"
        type="password"
        autoComplete="new-password"
        hint="Long is better than odd: a few words do well."
      />
      <FormProblem form={form} />
      <SubmitButton form={form}>Create account</SubmitButton>
    </Form>
  );
}

function ToSignIn() {
  return (
    <Button variant="primary" asChild>
      <Link to="/sign-in">Go to sign in</Link>
    </Button>
  );
}
