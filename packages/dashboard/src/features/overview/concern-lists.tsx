import type { ConnectionView } from '@pocketproxy/protocol/api';
import { Link } from '@tanstack/react-router';
import { Section } from '#components/page.tsx';
import { Status } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { Progress } from '#components/ui/progress.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { formatBytes } from '#lib/format.ts';
import { type Concern, closeQuotas, partOf } from './attention.ts';

const ROW =
  'relative flex min-h-9 items-center gap-3 border-border border-b py-1.5 transition-colors focus-within:bg-hover hover:bg-hover';
const LINK =
  'truncate font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:outline-focus focus-visible:after:-outline-offset-2';

/** What somebody should look at, each with the page where it can be mended. */
export function ConcernList({ concerns }: { readonly concerns: readonly Concern[] | undefined }) {
  return (
    <Section title="Needs attention">
      {concerns === undefined ? (
        <Rows />
      ) : concerns.length === 0 ? (
        <p className="border-border border-t py-3 text-muted">
          <Status tone="good" word="Nothing: every phone and connection is as it should be" />
        </p>
      ) : (
        <ul className="border-border border-t">
          {concerns.map(({ id, tone, word, text, detail, at, link }) => (
            <li key={id} className={ROW}>
              <Status tone={tone} word={word} className="w-28 shrink-0" />
              <span className="flex min-w-0 flex-1 flex-col">
                <Link {...link} className={LINK}>
                  {text}
                </Link>
                {detail !== undefined && (
                  <span className="truncate text-muted text-xs" title={detail}>
                    {detail}
                  </span>
                )}
              </span>
              {at !== undefined && (
                <span className="relative text-muted text-xs">
                  <Time at={at} none="never seen" />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const SHOWN_QUOTAS = 6;

/** Connections that will soon carry nothing. */
export function QuotaList({ connections }: { readonly connections: readonly ConnectionView[] | undefined }) {
  const close = connections && closeQuotas(connections);
  return (
    <Section title="Quotas close to their end">
      {close === undefined ? (
        <Rows />
      ) : close.length === 0 ? (
        <p className="border-border border-t py-3 text-muted">No quota is used to 80 % or more.</p>
      ) : (
        <ul className="border-border border-t">
          {close.slice(0, SHOWN_QUOTAS).map(({ id, name, usedBytes, quotaBytes }) => (
            <li key={id} className={ROW}>
              <Link to="/connections/$id" params={{ id }} className={`${LINK} min-w-0 flex-1`}>
                {name}
              </Link>
              <span className="figures whitespace-nowrap text-muted text-xs">
                {`${formatBytes(usedBytes)} of ${formatBytes(quotaBytes)}`}
              </span>
              <Progress value={partOf(usedBytes, quotaBytes)} label={`Quota of ${name}`} />
              <span className="figures w-12 text-right text-xs">
                {`${Math.floor(partOf(usedBytes, quotaBytes) * 100)} %`}
              </span>
            </li>
          ))}
          {close.length > SHOWN_QUOTAS && (
            <li className={ROW}>
              <Link to="/connections" className={LINK}>{`${close.length - SHOWN_QUOTAS} more`}</Link>
            </li>
          )}
        </ul>
      )}
    </Section>
  );
}

function Rows() {
  return (
    <div aria-hidden className="border-border border-t">
      {['w-2/3', 'w-1/2', 'w-3/5'].map((width) => (
        <div key={width} className={ROW}>
          <Skeleton className="h-3 w-20" />
          <Skeleton className={`h-3 ${width}`} />
        </div>
      ))}
    </div>
  );
}
