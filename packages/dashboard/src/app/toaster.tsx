import { Toaster as Sonner } from 'sonner';

/** Where results of actions are told. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      gap={8}
      closeButton
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'flex w-[var(--width)] items-start font-sans gap-2.5 rounded-md border border-border bg-overlay px-3 py-2.5 pr-8 text-[13px] text-foreground shadow-lg',
          title: 'font-medium',
          description: 'text-muted',
          icon: 'mt-px shrink-0 [&_svg]:size-4',
          success: '[&_[data-icon]]:text-green',
          error: '[&_[data-icon]]:text-red',
          closeButton:
            'absolute top-2 right-2 grid size-5 place-items-center rounded-sm text-faint hover:text-foreground [&_svg]:size-3.5',
        },
      }}
    />
  );
}
