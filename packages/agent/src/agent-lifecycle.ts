import type { StopReason } from './stop-signal.ts';

/** Why a run of the agent ends. */
export type AgentEnd =
  | { readonly kind: 'stop'; readonly reason: StopReason }
  | { readonly kind: 'revoked' }
  /** It is started anew after `pauseMs`. */
  | { readonly kind: 'restart'; readonly pauseMs: number };

/** Asks one run of the agent to end. What comes first counts. */
export class AgentLifecycle {
  readonly ended: Promise<AgentEnd>;
  #end: (end: AgentEnd) => void = () => {};

  constructor(stopping: Promise<StopReason>) {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    void stopping.then((reason) => this.#end({ kind: 'stop', reason }));
  }

  /** Asks for a restart, with `pauseMs` between the end and the new start. */
  restart(pauseMs: number): void {
    this.#end({ kind: 'restart', pauseMs });
  }

  /** The relay no longer knows this device. */
  revoked(): void {
    this.#end({ kind: 'revoked' });
  }
}
