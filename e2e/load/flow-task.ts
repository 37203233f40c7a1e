import type { Lifeline } from './lifeline.ts';
import type { ProxyLogin } from './proxied.ts';
import type { Tag } from './tag.ts';

/** Everything that one flow is given. */
export interface FlowTask {
  readonly login: ProxyLogin;
  readonly origin: { readonly tcp: number; readonly udp: number };
  readonly tag: Tag;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly lifeline: Lifeline;
  /** Tells of bytes of which nobody can say whether they were carried. */
  readonly uncertain: (bytes: number) => void;
}
