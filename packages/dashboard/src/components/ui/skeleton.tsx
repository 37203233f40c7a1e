import type { ComponentProps } from 'react';
import { cn } from '#lib/cn.ts';

/** Has the shape of what comes; give it the size with `className`. */
export function Skeleton({ className, ...props }: ComponentProps<'div'>) {
  return (
    <div
      aria-hidden
      data-skeleton
      className={cn('h-4 animate-pulse rounded-sm bg-hover', className)}
      {...props}
    />
  );
}
