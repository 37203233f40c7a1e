import { cva, type VariantProps } from 'class-variance-authority';
import { LoaderCircle } from 'lucide-react';
import { Slot } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from '#lib/cn.ts';

const buttonVariants = cva(
  'inline-flex shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors disabled:pointer-events-none disabled:opacity-50 aria-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      variant: {
        primary: 'bg-accent text-accent-foreground hover:opacity-90',
        secondary: 'border border-border bg-raised text-foreground hover:border-border-strong hover:bg-hover',
        ghost: 'text-muted hover:bg-hover hover:text-foreground data-[state=open]:bg-hover',
        danger: 'border border-border bg-raised text-red hover:border-red/50 hover:bg-red/10',
        link: 'text-foreground underline decoration-faint underline-offset-4 hover:decoration-current',
      },
      size: {
        sm: 'h-7 px-2 text-xs',
        md: 'h-8 px-3',
        icon: 'size-8',
        'icon-sm': 'size-6 [&_svg]:size-3.5',
        inline: 'h-auto p-0',
      },
    },
    defaultVariants: { variant: 'secondary', size: 'md' },
  },
);

export interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof buttonVariants> {
  /** Puts the look on the one child, such as a link. */
  readonly asChild?: boolean;
  /** Work is under way: shows it and takes no further press, but keeps the focus. */
  readonly busy?: boolean;
}

/** The one button. `primary` once per view, `danger` for what cannot be undone. */
export function Button({ className, variant, size, asChild, busy, children, ...props }: ButtonProps) {
  const classes = cn(buttonVariants({ variant, size }), className);
  if (asChild) {
    return (
      <Slot.Root className={classes} {...props}>
        {children}
      </Slot.Root>
    );
  }
  const held = busy
    ? {
        'aria-busy': true,
        'aria-disabled': true,
        onClick: (event: { preventDefault(): void }) => event.preventDefault(),
      }
    : {};
  return (
    <button type="button" className={classes} {...props} {...held}>
      {busy && <LoaderCircle aria-hidden className="animate-spin" />}
      {children}
    </button>
  );
}
