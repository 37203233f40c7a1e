import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { BookOpen, FileJson, KeyRound } from 'lucide-react';
import { CopyButton } from '#components/copy.tsx';
import { PageHeader, Section } from '#components/page.tsx';
import { Button } from '#components/ui/button.tsx';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { examplesOf } from './examples.ts';
import { LiveFeedSection } from './live-feed-section.tsx';

/** How programs do what is done here. */
export function ApiPage() {
  const may = usePermissions();
  const { data: devices } = useQuery({ ...queries.devices(), enabled: may('devices:read') });
  const deviceId = (devices?.find(({ status }) => status === 'online') ?? devices?.[0])?.id;
  const examples = examplesOf(location.origin, { deviceId, key: '<API key>' }).filter(({ permission }) =>
    may(permission),
  );
  return (
    <>
      <PageHeader
        title="API"
        actions={
          <>
            <Button asChild>
              <a href="/api/v1/openapi.json" target="_blank" rel="noreferrer">
                <FileJson aria-hidden />
                OpenAPI 3.1
              </a>
            </Button>
            <Button variant="primary" asChild>
              <a href="/api/v1/docs" target="_blank" rel="noreferrer">
                <BookOpen aria-hidden />
                Reference
              </a>
            </Button>
          </>
        }
      >
        <p className="max-w-2xl text-muted">
          Everything in this dashboard is done by the REST API below{' '}
          <code className="figures text-foreground">{`${location.origin}/api/v1`}</code>. The reference
          describes every call and lets you try it.
        </p>
      </PageHeader>
      <div className="divide-y divide-border pb-8">
        <Section
          title="First calls"
          lead="A program sends an API key as bearer token. It may what its scopes say, and never more than you."
          actions={
            may('api-keys:write') && (
              <Button asChild>
                <Link to="/team/api-keys" search={{ create: 'yes' }}>
                  <KeyRound aria-hidden />
                  New API key
                </Link>
              </Button>
            )
          }
        >
          <ul className="grid grid-cols-2 gap-4 max-xl:grid-cols-1">
            {examples.map(({ title, text }) => (
              <li key={title} className="flex min-w-0 flex-col rounded-md border border-border">
                <div className="flex items-center justify-between gap-3 border-border border-b py-1 pr-1.5 pl-3">
                  <h3 className="font-medium">{title}</h3>
                  <CopyButton text={text} what={title} />
                </div>
                <pre className="figures whitespace-pre-wrap break-all px-3 py-2.5 text-muted text-xs">
                  {text}
                </pre>
              </li>
            ))}
          </ul>
        </Section>
        {may('live:read') && <LiveFeedSection />}
      </div>
    </>
  );
}
