type Cell = string | number | boolean | null | undefined;

/** A table as text (RFC 4180), which spreadsheets open. */
export function toCsv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `${[head, ...rows].map((row) => row.map(cellOf).join(',')).join('\r\n')}\r\n`;
}

function cellOf(cell: Cell): string {
  const text = cell === null || cell === undefined ? '' : String(cell);
  // What begins so is run as a formula by spreadsheets, and names are chosen by people.
  const safe = typeof cell === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
