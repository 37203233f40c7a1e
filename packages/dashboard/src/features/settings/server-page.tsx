import type { ServerStatusView } from '@pocketproxy/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { CopyButton, CopyText } from '#components/copy.tsx';
import { Facts } from '#components/facts.tsx';
import { Section } from '#components/page.tsx';
import { ErrorState } from '#components/states.tsx';
import { Status } from '#components/status.tsx';
import { queries } from '#lib/api/queries.ts';
import { RelaySection, RelaySkeleton } from './relay-section.tsx';
import { SettingsFrame } from './settings-frame.tsx';

const FACTS = ['Version', 'Runs on', 'Public URL', 'E-mail'];

/** What runs here, how it is reached, and how it is kept safe. */
export function ServerPage() {
  const { data, error, refetch } = useQuery({ ...queries.server(), staleTime: 0 });
  return (
    <SettingsFrame>
      {error && !data ? (
        <ErrorState
          error={error}
          title="The server’s state could not be read"
          onRetry={() => void refetch()}
        />
      ) : data ? (
        <>
          <Section title="Server">
            <ServerFacts server={data} />
          </Section>
          {data.relays.map((relay, at) => (
            <RelaySection
              key={relay.id}
              relay={relay}
              title={data.relays.length === 1 ? 'Relay' : `Relay ${at + 1}`}
            />
          ))}
          <BackupSection />
        </>
      ) : (
        <>
          <Section title="Server">
            <Facts facts={FACTS.map((name) => [name, undefined])} />
          </Section>
          <RelaySkeleton />
        </>
      )}
    </SettingsFrame>
  );
}

function ServerFacts({ server }: { readonly server: ServerStatusView }) {
  const { version, nodeVersion, databaseVersion, publicUrl, email } = server;
  return (
    <Facts
      facts={[
        ['Version', <span key="version" className="figures">{`PocketProxy ${version}`}</span>],
        [
          'Runs on',
          <span key="on" className="figures">{`Node.js ${nodeVersion}, PostgreSQL ${databaseVersion}`}</span>,
        ],
        ['Public URL', <CopyText key="url" text={publicUrl} what="public URL" className="max-w-full" />],
        [
          'E-mail',
          email === 'on' ? (
            <Status key="mail" tone="good" word="On" />
          ) : (
            <span key="mail" className="flex flex-wrap gap-x-3">
              <Status tone="idle" word="Off" />
              <span className="text-muted">
                Set <code className="figures">POCKETPROXY_SMTP_URL</code> and{' '}
                <code className="figures">POCKETPROXY_MAIL_FROM</code>, then restart.
              </span>
            </span>
          ),
        ],
      ]}
    />
  );
}

const BACKUP = 'npx pocketproxy backup';

function BackupSection() {
  return (
    <Section
      title="Backup"
      lead="One archive with everything that cannot be made again: database, keys and settings. It runs while the server does; keep it as you keep its keys."
    >
      <div className="flex max-w-lg flex-col gap-2">
        <Command text={BACKUP} what="backup command" />
        <p className="text-muted">Bring it back into an empty data directory:</p>
        <Command text="npx pocketproxy restore <file>" what="restore command" />
      </div>
    </Section>
  );
}

function Command({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <div className="flex items-center justify-between gap-2 rounded-md border border-border bg-raised py-0.5 pr-1 pl-2.5">
      <code className="figures truncate">{text}</code>
      <CopyButton text={text} what={what} />
    </div>
  );
}
