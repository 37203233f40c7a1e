import { useQuery } from '@tanstack/react-query';
import { Facts } from '#components/facts.tsx';
import { Section } from '#components/page.tsx';
import { ErrorState } from '#components/states.tsx';
import { Badge } from '#components/ui/badge.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { meQuery } from '#lib/api/use-session.ts';
import { ROLES } from '#lib/roles.ts';
import { PasswordSection } from './password-section.tsx';
import { SessionList } from './session-list.tsx';
import { SettingsFrame } from './settings-frame.tsx';
import { TwoFactorSection } from './two-factor-section.tsx';

/** Everything about the own account. */
export function AccountPage() {
  const { data: me, error, refetch } = useQuery(meQuery);
  return (
    <SettingsFrame>
      {error && !me ? (
        <ErrorState error={error} title="The account could not be read" onRetry={() => void refetch()} />
      ) : (
        <>
          <Section title="Account">
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
          <PasswordSection />
          <TwoFactorSection enabled={me?.twoFactorEnabled} />
          <SessionList />
        </>
      )}
    </SettingsFrame>
  );
}
