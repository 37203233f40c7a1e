/** How a flow can go wrong, as its client sees it. */
export type FailureKind =
  /** The proxy said no. */
  | 'refused'
  /** It ended before it was complete. */
  | 'cut'
  /** Nothing happened for too long. */
  | 'hung'
  /** A byte that belongs to somebody else, or to nobody. Nothing excuses it. */
  | 'mixed'
  /** A client that does nothing was not sent away. */
  | 'tolerated';

/** Why a flow failed. */
export class FlowFailure extends Error {
  readonly kind: FailureKind;
  readonly detail: string;

  constructor(kind: FailureKind, detail: string) {
    super(`${kind}: ${detail}`);
    this.name = 'FlowFailure';
    this.kind = kind;
    this.detail = detail;
  }
}
