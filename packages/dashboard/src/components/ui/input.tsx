import type { ComponentProps } from 'react';
import { cn } from '#lib/cn.ts';

const FIELD =
  'w-full min-w-0 rounded-md border border-border bg-raised px-2.5 text-foreground transition-colors placeholder:text-faint hover:border-border-strong disabled:cursor-not-allowed disabled:opacity-50 aria-invalid:border-red';

export function Input({ className, type = 'text', ...props }: ComponentProps<'input'>) {
  return <input type={type} className={cn(FIELD, 'h-8', className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return <textarea className={cn(FIELD, 'min-h-16 py-1.5', className)} {...props} />;
}
