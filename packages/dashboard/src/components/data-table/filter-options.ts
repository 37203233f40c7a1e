/** One value that rows can be kept by. */
export interface FilterOption {
  readonly value: string;
  readonly label: string;
  /** How many rows have it. */
  readonly count: number;
}

/** The values that occur, the most frequent first; rows without one are left out. */
export function filterOptions<T>(
  rows: readonly T[] | undefined,
  pick: (row: T) => string | null,
): FilterOption[] {
  const counts = new Map<string, number>();
  for (const row of rows ?? []) {
    const value = pick(row);
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, label: value, count }))
    .toSorted((a, b) => b.count - a.count || a.label.localeCompare(b.label));
}
