import { Progress as Primitive } from 'radix-ui';
import { cn } from '#lib/cn.ts';

export interface ProgressProps {
  /** 0 to 1; more is shown as full. */
  readonly value: number;
  /** What it measures, for those who do not see it. */
  readonly label: string;
  readonly className?: string;
}

/** How much of something is used: amber from 80 %, red when it is spent. */
export function Progress({ value, label, className }: ProgressProps) {
  const percent = Math.min(100, Math.max(0, value * 100));
  const color = value >= 1 ? 'bg-red' : value >= 0.8 ? 'bg-amber' : 'bg-muted';
  return (
    <Primitive.Root
      value={percent}
      aria-label={label}
      className={cn('h-1 w-16 overflow-hidden rounded-full bg-hover', className)}
    >
      <Primitive.Indicator className={cn('h-full rounded-full', color)} style={{ width: `${percent}%` }} />
    </Primitive.Root>
  );
}
