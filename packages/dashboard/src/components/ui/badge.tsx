import type { ComponentProps } from 'react';
import { cn } from '#lib/cn.ts';

/** A word about a thing that is not its state, such as a protocol or a role. */
export function Badge({ className, ...props }: ComponentProps<'span'>) {
  return (
    <span
      className={cn(
        'inline-flex h-5 items-center rounded-sm border border-border px-1.5 text-muted text-xs',
        className,
      )}
      {...props}
    />
  );
}
