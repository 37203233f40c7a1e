import { CircleAlert, Lock, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { hasCode, messageOf } from '#lib/api/api-error.ts';
import { CopyButton } from './copy.tsx';
import { Button } from './ui/button.tsx';

export interface EmptyStateProps {
  readonly icon?: LucideIcon;
  readonly title: string;
  /** One sentence on what would be here. */
  readonly children?: ReactNode;
  /** One button. */
  readonly action?: ReactNode;
  /** The same by command line or API. */
  readonly command?: string;
}

/** A place that holds nothing yet, and how to change that. */
export function EmptyState({ icon: Icon, title, children, action, command }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center gap-3 px-6 py-14 text-center">
      {Icon && <Icon aria-hidden className="size-5 text-faint" />}
      <div className="flex max-w-md flex-col gap-1">
        <p className="font-medium">{title}</p>
        {children !== undefined && <p className="text-balance text-muted">{children}</p>}
      </div>
      {action}
      {command !== undefined && (
        <div className="flex max-w-[min(100%,44rem)] items-center gap-1 rounded-md border border-border bg-raised py-0.5 pr-1 pl-2.5">
          <code className="figures truncate text-muted">{command}</code>
          <CopyButton text={command} what="command" />
        </div>
      )}
    </div>
  );
}

export interface ErrorStateProps {
  readonly error: unknown;
  /** What did not work, such as "Devices could not be read". */
  readonly title: string;
  readonly onRetry?: () => void;
}

/** Something could not be read: why, and another try. What somebody may not see has no retry. */
export function ErrorState({ error, title, onRetry }: ErrorStateProps) {
  if (hasCode(error, 'forbidden')) return <NoPermission />;
  if (hasCode(error, 'not_found')) {
    return (
      <EmptyState icon={CircleAlert} title="Not found">
        It was deleted, or it belongs to somebody else.
      </EmptyState>
    );
  }
  return (
    <div role="alert" className="flex flex-col items-center gap-3 px-6 py-14 text-center">
      <CircleAlert aria-hidden className="size-5 text-red" />
      <div className="flex max-w-md flex-col gap-1">
        <p className="font-medium">{title}</p>
        <p className="text-muted">{messageOf(error)}</p>
      </div>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

export function NoPermission() {
  return (
    <EmptyState icon={Lock} title="Not for this account">
      Your role does not include this. An administrator can change it under Team.
    </EmptyState>
  );
}
