import type { AuditEntryView } from '@pocketproxy/protocol/api';
import { Link } from '@tanstack/react-router';
import { CopyText } from '#components/copy.tsx';
import { Facts } from '#components/facts.tsx';
import { Badge } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { Dialog, DialogBody, DialogContent } from '#components/ui/dialog.tsx';
import type { AuditFilters } from '#lib/api/audit-filters.ts';
import { formatExact, NOTHING } from '#lib/format.ts';
import { actionText, differencesOf, type NamedEntry, targetText } from './audit-words.ts';

const ACTORS: Readonly<Record<AuditEntryView['actor']['type'], string>> = {
  user: 'Person',
  api_key: 'API key',
  link: 'Rotation link',
  command_line: 'Command line',
  system: 'System',
  anonymous: 'Nobody',
};

export interface AuditSheetProps {
  /** `null` closes it. */
  readonly entry: NamedEntry | null;
  readonly onClose: () => void;
  readonly onFilter: (filters: AuditFilters) => void;
}

/** One change: who, from where, what, before and after. */
export function AuditSheet({ entry, onClose, onFilter }: AuditSheetProps) {
  return (
    <Dialog open={entry !== null} onOpenChange={(open) => !open && onClose()}>
      {entry && (
        <DialogContent
          side="right"
          className="w-[min(38rem,100vw)]"
          title={actionText(entry.action)}
          description={formatExact(entry.at)}
        >
          <DialogBody className="gap-5">
            <EntryFacts entry={entry} />
            <div className="flex flex-wrap gap-2">
              {entry.actor.id !== null && (
                <Button size="sm" onClick={() => onFilter({ actor: entry.actor.id ?? undefined })}>
                  Everything by them
                </Button>
              )}
              {entry.targetId !== null && (
                <Button
                  size="sm"
                  onClick={() =>
                    onFilter({ targetType: entry.targetType, targetId: entry.targetId ?? undefined })
                  }
                >
                  {`Everything of this ${targetText(entry.targetType).toLowerCase()}`}
                </Button>
              )}
            </div>
            <Differences entry={entry} />
          </DialogBody>
        </DialogContent>
      )}
    </Dialog>
  );
}

function EntryFacts({ entry }: { readonly entry: NamedEntry }) {
  const { actor, address, targetType, targetId } = entry;
  return (
    <Facts
      narrow
      facts={[
        [
          'Who',
          <span key="who" className="flex flex-wrap items-center gap-2">
            {actor.name}
            <Badge>{ACTORS[actor.type]}</Badge>
          </span>,
        ],
        ['From', address === null ? NOTHING : <CopyText key="from" text={address} what="address" />],
        [
          targetText(targetType),
          <span key="target" className="flex flex-col items-start">
            <TargetLink entry={entry} />
            {targetId !== null && <CopyText text={targetId} what="id" className="max-w-full text-muted" />}
          </span>,
        ],
      ]}
    />
  );
}

/** Leads to the thing where it has a page and is still there. */
function TargetLink({ entry: { targetName, targetType, targetId, after } }: { readonly entry: NamedEntry }) {
  if (targetId === null || targetName === null || after === null) return targetName;
  const params = { id: targetId };
  const look = 'block w-fit rounded-sm underline decoration-faint underline-offset-4';
  if (targetType === 'device') {
    return (
      <Link to="/devices/$id" params={params} className={look}>
        {targetName}
      </Link>
    );
  }
  if (targetType !== 'connection') return targetName;
  return (
    <Link to="/connections/$id" params={params} className={look}>
      {targetName}
    </Link>
  );
}

function Differences({ entry }: { readonly entry: AuditEntryView }) {
  const [made, gone] = [entry.before === null, entry.after === null];
  return (
    <table className="w-full table-fixed border-collapse">
      <caption className="pb-2 text-left font-semibold">
        {entry.targetType === 'session'
          ? 'What is known'
          : made
            ? 'What was made'
            : gone
              ? 'What is gone'
              : 'What changed'}
      </caption>
      <thead>
        <tr className="border-border border-b text-left text-faint text-xs [&>th]:py-1.5 [&>th]:font-normal">
          <th scope="col" className="w-40">
            Field
          </th>
          {!made && <th scope="col">Before</th>}
          {!gone && <th scope="col">After</th>}
        </tr>
      </thead>
      <tbody>
        {differencesOf(entry).map(({ member, before, after }) => (
          <tr key={member} className="border-border border-b align-top [&>td]:py-1.5 [&>th]:py-1.5">
            <th scope="row" className="figures break-words pr-3 text-left font-normal text-muted">
              {member}
            </th>
            {!made && <td className="figures break-words pr-3 text-muted">{before ?? NOTHING}</td>}
            {!gone && <td className="figures break-words">{after ?? NOTHING}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
