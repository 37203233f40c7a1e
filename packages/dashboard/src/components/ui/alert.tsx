import { CircleAlert, Info } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '#lib/cn.ts';

export interface AlertProps {
  readonly tone?: 'info' | 'warning' | 'error';
  readonly title: ReactNode;
  readonly children?: ReactNode;
  readonly className?: string;
}

const TONES = { info: 'text-muted', warning: 'text-amber', error: 'text-red' };

/** Something that a person has to know before going on. An error is read out at once. */
export function Alert({ tone = 'info', title, children, className }: AlertProps) {
  const Icon = tone === 'info' ? Info : CircleAlert;
  return (
    <div
      role={tone === 'error' ? 'alert' : 'note'}
      className={cn('flex gap-2.5 rounded-md border border-border bg-raised px-3 py-2.5', className)}
    >
      <Icon aria-hidden className={cn('mt-px size-4 shrink-0', TONES[tone])} />
      <div className="flex min-w-0 flex-col gap-1">
        <p className="font-medium">{title}</p>
        {children !== undefined && <div className="text-muted">{children}</div>}
      </div>
    </div>
  );
}
