/** What the load generator is asked to do and what it answers: JSON, one job and one answer a line. */

/** The way to the origin. Every peer is driven by the same code; only this differs. */
export type Route =
  | ({ readonly via: 'direct' } & Entrance)
  | ({ readonly via: 'socks5'; readonly login?: Login | undefined } & Entrance)
  | ({ readonly via: 'http'; readonly login: Login } & Entrance);

/** Where the client connects. */
interface Entrance {
  /** This machine when left out. */
  readonly host?: string | undefined;
  readonly port: number;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

interface Common {
  readonly route: Route;
  /** The origin as the far end of the route sees it; an IPv4 address. */
  readonly originHost: string;
  readonly originPort: number;
}

/** Clients that each open a flow, get one small answer, close, and begin again. */
export interface FlowsJob extends Common, Timed {
  readonly kind: 'flows';
}

/** Clients that each open one flow and ask for small answers on it, one after the other. */
export interface RequestsJob extends Common, Timed {
  readonly kind: 'requests';
}

interface Timed {
  readonly clients: number;
  /** Not counted: caches and compilers get warm. */
  readonly warmUpMs: number;
  readonly countedMs: number;
}

/** Flows that each move `bytesPerFlow` in one direction. */
export interface BulkJob extends Common {
  readonly kind: 'bulk';
  readonly direction: 'down' | 'up';
  readonly flows: number;
  readonly bytesPerFlow: number;
}

/** One flow at a time, each with a pause before it: how long until the first byte of the answer. */
export interface FirstByteJob extends Common {
  readonly kind: 'first-byte';
  readonly flows: number;
  readonly pauseMs: number;
}

/** Opens flows that then do nothing, and keeps them until the next job that does not ask them. */
export interface HoldJob extends Common {
  readonly kind: 'hold';
  readonly flows: number;
}

/** Asks the flows that are held for small answers, one flow after the other. */
export interface AskJob extends Common {
  readonly kind: 'ask';
  readonly perSecond: number;
  readonly countedMs: number;
}

export type Job = FlowsJob | RequestsJob | BulkJob | FirstByteJob | HoldJob | AskJob;

/** What came of a job. */
export interface JobResult {
  /** Flows, requests or bytes in all, those of the warm-up included. */
  readonly units: number;
  /** Units a second, of the counted time. */
  readonly perSecond: number;
  /** Flows that failed. */
  readonly failures: number;
  /** Milliseconds, one for each flow of a first-byte job and for each answer to one that asks. */
  readonly latenciesMs: readonly number[];
}

export type Answer = { readonly result: JobResult } | { readonly error: string };
