/** The values that a filter in the URL keeps; none keeps all rows. */
export function filterValues(text: string | undefined): ReadonlySet<string> {
  return new Set((text ?? '').split(',').filter(Boolean).map(decoded));
}

/** The opposite; `undefined` for none, so that links are short. */
export function filterText(values: Iterable<string>): string | undefined {
  return [...values].map((value) => encodeURIComponent(value)).join(',') || undefined;
}

/** Somebody may have typed it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
