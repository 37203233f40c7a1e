import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Facts } from '#components/facts.tsx';
import { FormDialog } from '#components/form/form-dialog.tsx';
import { Section } from '#components/page.tsx';
import { ErrorState } from '#components/states.tsx';
import { Badge } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { meQuery } from '#lib/api/use-session.ts';
import { ROLES } from '#lib/roles.ts';
import { NameForm } from './name-form.tsx';
import { PasswordSection } from './password-section.tsx';
import { SessionList } from './session-list.tsx';
import { SettingsFrame } from './settings-frame.tsx';
import { TwoFactorSection } from './two-factor-section.tsx';

/** Everything about the own account. */
export function AccountPage() {
  const { data: me, error, refetch } = useQuery(meQuery);
  const [renaming, setRenaming] = useState(false);
  return (
    <SettingsFrame>
      {error && !me ? (
        <ErrorState error={error} title="The account could not be read" onRetry={() => void refetch()} />
      ) : (
        <>
          <Section
            title="Account"
            actions={
              <Button disabled={!me} onClick={() => setRenaming(true)}>
                Change name
              </Button>
            }
          >
            {me ? (
              <Facts
                facts={[
                  ['Name', me.name],
                  ['E-mail', me.email],
                  ['Role', <Badge key="role">{ROLES[me.role].label}</Badge>],
                ]}
              />
            ) : (
              <Skeleton className="h-16 w-72" />
            )}
          </Section>
          <FormDialog title="Change name" open={renaming} onOpenChange={setRenaming}>
            <NameForm name={me?.name ?? ''} onDone={() => setRenaming(false)} />
          </FormDialog>
          <PasswordSection />
          <TwoFactorSection enabled={me?.twoFactorEnabled} />
          <SessionList />
        </>
      )}
    </SettingsFrame>
  );
}
