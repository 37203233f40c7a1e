import type { LoadGenerator } from '../load/load-generator.ts';
import type { Contender } from '../measure/sample.ts';
import type { Effort } from '../options.ts';
import type { Started } from '../started.ts';

/** The ways into one proxy port, by protocol. A peer that speaks SOCKS alone has the same for both. */
export interface Ways {
  readonly socks5: Contender;
  readonly http: Contender;
}

/** What every figure is measured with. */
export interface Bench {
  readonly load: LoadGenerator;
  readonly effort: Effort;
  /** Takes what a figure starts for itself and must not leave behind. */
  readonly started: Started;
  readonly ours: Ways;
  /** What ours is compared with, in the same run; `null` when it is missing on this machine. */
  readonly peer: Ways | null;
  /** Straight to the origin. */
  readonly direct: Contender;
}
