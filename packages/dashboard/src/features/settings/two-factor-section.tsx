import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormDialog } from '#components/form/form-dialog.tsx';
import { Section } from '#components/page.tsx';
import { SecretSheet } from '#components/secret-sheet.tsx';
import { Status } from '#components/status.tsx';
import { Button } from '#components/ui/button.tsx';
import { api } from '#lib/api/client.ts';
import { session } from '#lib/api/session.ts';
import { meQuery } from '#lib/api/use-session.ts';
import { notify } from '#lib/notify.ts';
import { BackupCodes } from './backup-codes.tsx';
import { ConfirmPasswordForm } from './confirm-password-form.tsx';
import { sessionsQuery } from './sessions-query.ts';
import { type Setup, TwoFactorSetup } from './two-factor-setup.tsx';

type Step = 'turn-on' | 'turn-off' | 'new-codes';

const TITLES: Readonly<Record<Step, readonly [string, string]>> = {
  'turn-on': ['Turn on the second factor', 'First your password, then the code of your authenticator.'],
  'turn-off': ['Turn off the second factor', 'The password alone is enough from then on.'],
  'new-codes': ['New backup codes', 'The codes of before stop working.'],
};

/** Turning the second factor on and off, and its backup codes. `enabled` is `undefined` while it is read. */
export function TwoFactorSection({ enabled }: { readonly enabled: boolean | undefined }) {
  const client = useQueryClient();
  const [step, setStep] = useState<Step | null>(null);
  const [setup, setSetup] = useState<Setup | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const close = (): void => {
    setStep(null);
    setSetup(null);
  };
  const changed = async (text: string): Promise<void> => {
    close();
    notify.done(text);
    await client.invalidateQueries({ queryKey: meQuery.queryKey });
    await client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
  };
  const confirmed = async (password: string): Promise<void> => {
    const body = { password };
    if (step === 'turn-on') {
      setSetup(await api.post('/auth/two-factor/setup', { body }));
    } else if (step === 'turn-off') {
      await session.replace('/api/v1/auth/two-factor/disable', body);
      await changed('The second factor is off');
    } else {
      setCodes((await api.post('/auth/two-factor/backup-codes', { body })).backupCodes);
      await changed('New backup codes made');
    }
  };
  return (
    <Section
      title="Second factor"
      lead="A code of an authenticator app beside the password. On or off, other sessions end."
      actions={enabled !== undefined && <Buttons enabled={enabled} onStep={setStep} />}
    >
      {enabled !== undefined && <Status tone={enabled ? 'good' : 'idle'} word={enabled ? 'On' : 'Off'} />}
      <FormDialog
        title={TITLES[step ?? 'turn-on'][0]}
        description={TITLES[step ?? 'turn-on'][1]}
        open={step !== null}
        onOpenChange={close}
      >
        {setup ? (
          <TwoFactorSetup
            setup={setup}
            onCode={async (code) => {
              await session.replace('/api/v1/auth/two-factor/enable', { code });
              setCodes(setup.backupCodes);
              await changed('The second factor is on');
            }}
          />
        ) : (
          <ConfirmPasswordForm submit={step === 'turn-off' ? 'Turn off' : 'Go on'} onPassword={confirmed} />
        )}
      </FormDialog>
      <SecretSheet
        title="Backup codes"
        what="Every code"
        remedy="New ones can take their place."
        lines={codes && []}
        onClose={() => setCodes(null)}
      >
        {codes && <BackupCodes codes={codes} />}
      </SecretSheet>
    </Section>
  );
}

function Buttons({ enabled, onStep }: { enabled: boolean; onStep: (step: Step) => void }) {
  if (!enabled) {
    return (
      <Button variant="primary" onClick={() => onStep('turn-on')}>
        Turn on
      </Button>
    );
  }
  return (
    <>
      <Button onClick={() => onStep('new-codes')}>New backup codes</Button>
      <Button variant="danger" onClick={() => onStep('turn-off')}>
        Turn off
      </Button>
    </>
  );
}
