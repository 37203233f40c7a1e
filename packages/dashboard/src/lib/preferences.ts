import { useSyncExternalStore } from 'react';

/** What a person has chosen on this browser. */
export interface Preferences {
  readonly theme: 'dark' | 'light' | 'system';
  /** `iec`: 1 KiB is 1,024 bytes. `si`: 1 kB is 1,000. */
  readonly byteUnits: 'iec' | 'si';
  readonly sidebar: 'open' | 'collapsed';
}

const VALUES: { readonly [K in keyof Preferences]: readonly Preferences[K][] } = {
  theme: ['dark', 'light', 'system'],
  byteUnits: ['iec', 'si'],
  sidebar: ['open', 'collapsed'],
};

const listeners = new Set<() => void>();
let current: Preferences | null = null;

/** What is chosen now; the first of the values where nothing was. */
export function preferences(): Preferences {
  current ??= { theme: read('theme'), byteUnits: read('byteUnits'), sidebar: read('sidebar') };
  return current;
}

/** Keeps a choice, and has everything that shows it drawn anew. */
export function setPreference<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
  current = { ...preferences(), [name]: value };
  storage()?.setItem(`pocketproxy.${name}`, value);
  for (const listener of listeners) listener();
}

/** Calls `listener` after each change. Answers a function that stops it. */
export function subscribePreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribePreferences, preferences);
}

function read<K extends keyof Preferences>(name: K): Preferences[K] {
  const kept = storage()?.getItem(`pocketproxy.${name}`);
  return VALUES[name].find((value) => value === kept) ?? VALUES[name][0]!;
}

/** Absent in tests, and where a browser forbids it. */
function storage(): Storage | null {
  try {
    return typeof window === 'undefined' ? null : window.localStorage;
  } catch {
    return null;
  }
}
