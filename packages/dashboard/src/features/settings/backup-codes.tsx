import { Download } from 'lucide-react';
import { CopyButton } from '#components/copy.tsx';
import { Button } from '#components/ui/button.tsx';
import { saveFile } from '#lib/save-file.ts';

/** What to sign in with when the authenticator is lost. */
export function BackupCodes({ codes }: { readonly codes: readonly string[] }) {
  const text = codes.join('\n');
  return (
    <div className="flex flex-col gap-3">
      <p className="text-muted">
        Each works once in place of a code, for when the authenticator is lost. Keep them where the phone is
        not.
      </p>
      <ul className="figures grid grid-cols-2 gap-x-6 gap-y-1 rounded-md border border-border px-3 py-2.5">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex gap-2">
        <CopyButton text={text} what="backup codes" label="Copy all" />
        <Button
          size="sm"
          onClick={() =>
            saveFile('pocketproxy-backup-codes.txt', new Blob([`${text}\n`], { type: 'text/plain' }))
          }
        >
          <Download aria-hidden />
          Save as a file
        </Button>
      </div>
    </div>
  );
}
