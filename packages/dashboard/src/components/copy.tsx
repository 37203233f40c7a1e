import { Check, Copy } from 'lucide-react';
import { type MouseEvent, type ReactNode, useEffect, useState } from 'react';
import { cn } from '#lib/cn.ts';
import { notify } from '#lib/notify.ts';
import { Button, type ButtonProps } from './ui/button.tsx';

/** How long the confirmation stays, in milliseconds. */
const CONFIRM_MS = 1_500;

/** Puts `text` into the clipboard. @throws when the browser does not allow it */
async function toClipboard(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // On plain HTTP, as on a first start, there is no clipboard but this.
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  // Inside of an open dialog, which lets nothing else have the focus.
  const parent = document.activeElement?.closest('[role="dialog"]') ?? document.body;
  const focused = document.activeElement;
  parent.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  if (!copied) throw new Error('The browser does not let this page copy');
}

export interface CopyButtonProps extends Omit<ButtonProps, 'onClick'> {
  readonly text: string;
  /** What is copied, for the name of the button: "Copy exit address". */
  readonly what: string;
  /** Words on the button; an icon alone when left out. */
  readonly label?: ReactNode;
}

/** Copies, and confirms it in place. */
export function CopyButton({ text, what, label, ...props }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (event: MouseEvent): void => {
    // Inside a row that is a link.
    event.preventDefault();
    event.stopPropagation();
    toClipboard(text).then(
      () => setCopied(true),
      () => notify.failed(`Could not copy. Select it and copy by hand: ${text}`),
    );
  };
  const Icon = copied ? Check : Copy;
  return (
    <Button
      variant={label === undefined ? 'ghost' : 'secondary'}
      size={label === undefined ? 'icon-sm' : 'sm'}
      {...props}
      // Words on a button are its name.
      aria-label={label !== undefined ? undefined : copied ? `${what} copied` : `Copy ${what}`}
      onClick={copy}
    >
      <Icon aria-hidden className={cn(copied && 'text-green')} />
      {label !== undefined && (copied ? 'Copied' : label)}
      <span aria-live="polite" className="sr-only">
        {copied && `${what} copied`}
      </span>
    </Button>
  );
}

export interface CopyTextProps {
  readonly text: string;
  /** What is copied, where it is more than what is shown. */
  readonly copy?: string;
  readonly what: string;
  /** What follows it and is never cut, such as a port. */
  readonly end?: string;
  readonly className?: string;
}

/** An address, port, name or URL with a button to copy it. */
export function CopyText({ text, end = '', copy = `${text}${end}`, what, className }: CopyTextProps) {
  return (
    <span className={cn('inline-flex min-w-0 max-w-full items-center gap-1', className)}>
      <span className="figures truncate">{text}</span>
      {end !== '' && <span className="figures -ml-1">{end}</span>}
      <CopyButton text={copy} what={what} />
    </span>
  );
}
