import type { LucideIcon } from 'lucide-react';
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';

/** Something that the page in sight can do: shown in the palette, and done by a key. */
export interface PageAction {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** One key, such as `r`; pressed outside of fields and dialogs. */
  readonly shortcut?: string;
  readonly run: () => void;
}

const listeners = new Set<() => void>();
let current: readonly PageAction[] = [];

function replace(actions: readonly PageAction[]): void {
  current = actions;
  for (const listener of listeners) listener();
}

/** Offers actions for as long as the calling page is shown. Give the same array while nothing has changed. */
export function usePageActions(actions: readonly PageAction[]): void {
  useEffect(() => {
    const before = current;
    replace([...before, ...actions]);
    return () => replace(current.filter((action) => !actions.includes(action)));
  }, [actions]);
}

/** Offers one action while `enabled`; what it does may be another function with each rendering. */
export function usePageAction({ enabled, ...action }: PageAction & { readonly enabled: boolean }): void {
  const { id, label, icon, shortcut, run } = action;
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  usePageActions(
    useMemo(
      () =>
        enabled
          ? [{ id, label, icon, ...(shortcut !== undefined && { shortcut }), run: () => latest.current() }]
          : [],
      [enabled, id, label, icon, shortcut],
    ),
  );
}

/** What the pages in sight offer. */
export function useOfferedActions(): readonly PageAction[] {
  return useSyncExternalStore(subscribe, offeredActions);
}

/** The same, at this moment. */
export function offeredActions(): readonly PageAction[] {
  return current;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
