import { confirmCodeBodySchema } from '@pocketproxy/protocol/api';
import { CopyText } from '#components/copy.tsx';
import { DialogForm } from '#components/form/form-dialog.tsx';
import { TextField } from '#components/form/text-fields.tsx';
import { useApiForm } from '#components/form/use-api-form.ts';
import { QrCode } from '#components/qr-code.tsx';
import { ApiError, hasCode } from '#lib/api/api-error.ts';

/** What an authenticator needs, and what helps when it is lost. */
export interface Setup {
  readonly otpauthUrl: string;
  readonly backupCodes: readonly string[];
}

export interface TwoFactorSetupProps {
  readonly setup: Setup;
  readonly onCode: (code: string) => Promise<void>;
}

/** Scan, and show by a first code that it worked: nobody is locked out by a scan that did not. */
export function TwoFactorSetup({ setup, onCode }: TwoFactorSetupProps) {
  const form = useApiForm({
    schema: confirmCodeBodySchema,
    values: { code: '' },
    onSubmit: ({ code }) =>
      onCode(code).catch((error: unknown) => {
        if (!hasCode(error, 'invalid_two_factor_code')) throw error;
        const message = 'This is not the code of now: wait for the next one, and check the phone’s clock';
        throw new ApiError(error.code, error.message, {
          status: error.status,
          fields: [{ field: 'code', message }],
        });
      }),
  });
  const secret = new URL(setup.otpauthUrl).searchParams.get('secret') ?? '';
  return (
    <DialogForm form={form} submit="Turn on">
      <div className="flex items-start gap-5 max-sm:flex-col">
        <QrCode text={setup.otpauthUrl} label="QR code for an authenticator app" size={176} />
        <ol className="flex min-w-0 flex-1 list-decimal flex-col gap-3 pl-4">
          <li>
            Scan the code with an authenticator app, or enter this secret there:
            <CopyText text={secret} what="secret" className="mt-1 max-w-full text-muted" />
          </li>
          <li>Enter the six digits that it shows.</li>
        </ol>
      </div>
      <TextField
        form={form}
        name="code"
        label="Code"
        inputMode="numeric"
        autoComplete="one-time-code"
        mono
        autoFocus
      />
    </DialogForm>
  );
}
