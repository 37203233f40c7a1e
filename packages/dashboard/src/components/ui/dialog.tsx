import { X } from 'lucide-react';
import { Dialog as Primitive } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { cn } from '#lib/cn.ts';
import { returnFocus } from '#lib/return-focus.ts';
import { Button } from './button.tsx';

export const Dialog = Primitive.Root;
export const DialogTrigger = Primitive.Trigger;
export const DialogClose = Primitive.Close;

export interface DialogContentProps extends Omit<ComponentProps<typeof Primitive.Content>, 'title'> {
  readonly title: ReactNode;
  /** One sentence on what this is for. */
  readonly description?: ReactNode;
  /** Comes in from the left, as the sidebar does on narrow screens, or from the right. */
  readonly side?: 'left' | 'right' | undefined;
}

const CENTRED =
  'top-[12vh] left-1/2 max-h-[80vh] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 rounded-xl border animate-appear';
const SIDES = {
  left: 'inset-y-0 left-0 w-64 border-r animate-slide-in',
  right: 'inset-y-0 right-0 w-[min(28rem,100vw)] border-l animate-appear',
};

/** What a dialog holds; Esc and the cross close it, and the focus goes back to where it came from. */
export function DialogContent({
  title,
  description,
  side,
  className,
  children,
  ...props
}: DialogContentProps) {
  return (
    <Primitive.Portal>
      <Primitive.Overlay className="fixed inset-0 z-40 animate-appear bg-black/55" />
      <Primitive.Content
        {...(description === undefined && { 'aria-describedby': undefined })}
        onCloseAutoFocus={returnFocus}
        className={cn(
          'fixed z-50 flex flex-col overflow-y-auto border-border bg-overlay shadow-2xl outline-none',
          side ? SIDES[side] : CENTRED,
          className,
        )}
        {...props}
      >
        <header className="flex items-start justify-between gap-4 px-5 pt-4 pb-3">
          <div className="flex min-w-0 flex-col gap-1">
            <Primitive.Title className="font-semibold text-lg">{title}</Primitive.Title>
            {description !== undefined && (
              <Primitive.Description className="text-muted">{description}</Primitive.Description>
            )}
          </div>
          <Primitive.Close asChild>
            <Button variant="ghost" size="icon-sm" aria-label="Close">
              <X />
            </Button>
          </Primitive.Close>
        </header>
        {children}
      </Primitive.Content>
    </Primitive.Portal>
  );
}

/** The middle part of a dialog. */
export function DialogBody({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('flex flex-col gap-4 px-5 pb-5', className)} {...props} />;
}

/** Its buttons, the main one last. */
export function DialogFooter({ className, ...props }: ComponentProps<'div'>) {
  return (
    <div
      className={cn('flex items-center justify-end gap-2 border-border border-t px-5 py-3', className)}
      {...props}
    />
  );
}
