import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientHttp2Session } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pairingRequestSchema } from '@pocketproxy/protocol';
import { TestAuthority, TestRelay } from '../egress/testing/test-relay.ts';

/** The agent as `npm run build` makes it, and an old Node.js to run it, can be put to the same tests. */
const { TEST_AGENT_NODE: NODE = process.execPath, TEST_AGENT_FILE } = process.env;
const CLI = TEST_AGENT_FILE ?? new URL('../cli.ts', import.meta.url).pathname;

/** How a command ended, and what it printed. */
export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface StartOptions {
  /** Gives the agent a channel to us, as `npm start` does. */
  readonly ipc?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

/** A relay and a state directory for the real command line, on the simulated platform. */
export class AgentFixture {
  readonly relay: TestRelay;
  /** The state directory. */
  readonly folder: string;
  readonly #children: ChildProcess[] = [];

  private constructor(relay: TestRelay, folder: string) {
    this.relay = relay;
    this.folder = folder;
  }

  static async create(): Promise<AgentFixture> {
    const authority = await TestAuthority.create();
    const relay = await TestRelay.start(authority, (request, response) => {
      void answer(authority, request, response);
    });
    return new AgentFixture(relay, await mkdtemp(join(tmpdir(), 'agent-cli-')));
  }

  async destroy(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    this.relay.close();
    await rm(this.folder, { recursive: true });
  }

  /** Starts a command of the agent. */
  start(args: readonly string[], { ipc = false, env }: StartOptions = {}): ChildProcess {
    const flags = ['--state-dir', this.folder, '--platform', 'simulated'];
    const child = spawn(NODE, [CLI, ...args, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
      env: { ...process.env, ...env },
    });
    this.#children.push(child);
    return child;
  }

  /** Runs a command to its end. */
  command(...args: string[]): Promise<Finished> {
    return finish(this.start(args));
  }

  pair(): Promise<Finished> {
    return this.command('pair', this.relay.pairingUrl('CODE-1234'));
  }

  /** Starts the agent on the state that there is, and waits for its session. */
  async run(
    flags: readonly string[] = [],
    options: StartOptions = {},
  ): Promise<{ agent: ChildProcess; session: ClientHttp2Session }> {
    const agent = this.start(['run', ...flags], options);
    agent.stdout?.resume();
    return { agent, session: await this.relay.session() };
  }
}

/** Waits for the end of a process, and answers what it printed from now on. */
export async function finish(child: ChildProcess): Promise<Finished> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}

async function answer(
  authority: TestAuthority,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.url === '/echo') {
    response.end(JSON.stringify({ ip: request.socket.remoteAddress }));
    return;
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const { publicKey } = pairingRequestSchema.parse(JSON.parse(body));
  const certificate = await authority.device('dev_1', publicKey);
  response.end(JSON.stringify({ deviceId: 'dev_1', deviceName: 'Phone 1', certificate, ca: authority.pem }));
}
