/** What a name server says about one name. */
export interface ZoneEntry {
  readonly a?: readonly string[] | undefined;
  readonly aaaa?: readonly string[] | undefined;
  readonly txt?: string | undefined;
  /**
   * `flip`: each answer gives only one address, in turn, so that two look-ups of one name differ;
   * `silent`: never answers; `servfail`: answers that it failed.
   */
  readonly behaviour?: 'flip' | 'silent' | 'servfail' | undefined;
}

export type Zone = Readonly<Record<string, ZoneEntry>>;
