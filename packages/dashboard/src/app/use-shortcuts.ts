import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { offeredActions } from '#lib/page-actions.ts';
import { NAVIGATION } from './navigation.ts';

export interface ShortcutHandlers {
  readonly onPalette: () => void;
  readonly onHelp: () => void;
}

/** For how long a first key such as `g` waits for the second, in milliseconds. */
const SEQUENCE_MS = 1_200;

/** Keys that work wherever nothing is typed and no dialog is open. */
export function useShortcuts({ onPalette, onHelp }: ShortcutHandlers): void {
  const navigate = useNavigate();
  useEffect(() => {
    let pending: { readonly key: string; readonly at: number } | null = null;
    const handle = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        onPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || hasOverlay()) return;
      const first = pending && event.timeStamp - pending.at < SEQUENCE_MS ? pending.key : null;
      pending = null;
      const to =
        first === null ? undefined : NAVIGATION.find(({ keys }) => keys === `${first} ${event.key}`)?.to;
      const action = offeredActions().find(({ shortcut }) => shortcut === event.key);
      if (to !== undefined) void navigate({ to });
      else if (event.key === 'g') pending = { key: 'g', at: event.timeStamp };
      else if (event.key === '?') onHelp();
      else if (event.key === '/') document.querySelector<HTMLElement>('[data-page-search]')?.focus();
      else if (action) action.run();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', handle);
    return () => window.removeEventListener('keydown', handle);
  }, [navigate, onPalette, onHelp]);
}

function isTyping({ target }: KeyboardEvent): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
  );
}

function hasOverlay(): boolean {
  return document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]') !== null;
}
