import { tmpdir } from 'node:os';
import { Child, type ChildOptions } from './child.ts';
import type { HttpTarget } from './http-call.ts';

/** Where programs of a test run: on this machine as it is, or on one host of the lab. */
export interface Place {
  /** For files and sockets that end with the test. */
  readonly directory: string;
  spawn(argv: readonly string[], options?: ChildOptions): Child;
  /** How the test process reaches a TCP port of that place. */
  reach(host: string, port: number): Promise<HttpTarget>;
}

/** This machine, over loopback. */
export const HERE: Place = {
  directory: tmpdir(),
  spawn: (argv, options) => new Child(argv, options),
  reach: async (host, port) => ({ host, port }),
};
