import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Child, type ChildOptions } from '../harness/child.ts';
import type { HttpTarget } from '../harness/http-call.ts';
import { type CommandOptions, type CommandResult, runCommand, tryCommand } from '../harness/run-command.ts';
import { runIpLines } from './ip-batch.ts';

const GATEWAY = join(import.meta.dirname, 'gateway-main.ts');

/** One host of the lab: a network namespace, and the programs that run in it. */
export class Host {
  readonly name: string;
  readonly namespace: string;
  /** Directory of the lab's run, for sockets and files. */
  readonly directory: string;
  readonly #children: Child[] = [];
  readonly #gateways = new Map<string, Promise<HttpTarget>>();

  constructor(name: string, namespace: string, directory: string) {
    this.name = name;
    this.namespace = namespace;
    this.directory = directory;
  }

  /** Makes the namespace, with a resolver of its own if given (`ip netns exec` mounts it over /etc/resolv.conf). */
  async create(settings: readonly string[], nameserver: string | null): Promise<void> {
    await runCommand(['ip', 'netns', 'add', this.namespace]);
    const folder = `/etc/netns/${this.namespace}`;
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, 'resolv.conf'),
      nameserver ? `nameserver ${nameserver}\noptions attempts:1\n` : '\n',
    );
    await this.run(['sysctl', '-q', '-w', ...settings]);
    await this.ip('link set lo up');
  }

  /** The argument list that runs `argv` on this host. */
  argv(argv: readonly string[]): string[] {
    return ['ip', 'netns', 'exec', this.namespace, ...argv];
  }

  /** Runs a command to its end; a failure is an answer. */
  async exec(argv: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    return await tryCommand(this.argv(argv), options);
  }

  /** Runs a command that must succeed. @throws {Error} with its standard error */
  async run(argv: readonly string[], options?: CommandOptions): Promise<string> {
    return await runCommand(this.argv(argv), options);
  }

  /** Starts a program that is ended with the lab. `ip netns exec` becomes the program, so signals reach it. */
  spawn(argv: readonly string[], options: ChildOptions = {}): Child {
    const child = new Child(this.argv(argv), { name: `${this.name}:${argv[0]}`, ...options });
    this.#children.push(child);
    return child;
  }

  /** Carries out lines of `ip`; those that start with `-6` are done last. */
  async ip(...lines: string[]): Promise<void> {
    await runIpLines(lines, this.namespace);
  }

  /** Loads nftables rules. */
  async nft(rules: string): Promise<void> {
    await this.run(['nft', '-f', '-'], { input: rules });
  }

  /** A Unix socket that leads to a TCP port as this host sees it, for the test process outside. */
  async reach(host: string, port: number): Promise<HttpTarget> {
    const key = `${host} ${port}`;
    const known = this.#gateways.get(key) ?? this.#openGateway(host, port);
    this.#gateways.set(key, known);
    return await known;
  }

  async #openGateway(host: string, port: number): Promise<HttpTarget> {
    const socketPath = join(this.directory, `${this.name}-${this.#gateways.size}.sock`);
    const child = this.spawn([process.execPath, GATEWAY, socketPath, host, String(port)], {
      name: `${this.name}:gateway`,
    });
    await child.log.waitFor(/^ready$/);
    return { socketPath };
  }

  /** Ends all programs of this host and removes it. Never throws: tear-down goes on. */
  async destroy(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.kill()));
    await removeNamespace(this.namespace);
  }
}

/** Ends what still runs in a namespace of ours and removes it with its settings. */
export async function removeNamespace(namespace: string): Promise<void> {
  const pids = await tryCommand(['ip', 'netns', 'pids', namespace]);
  for (const pid of pids.stdout.split('\n').map(Number).filter(Boolean)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself in the meantime.
    }
  }
  await tryCommand(['ip', 'netns', 'del', namespace]);
  await rm(`/etc/netns/${namespace}`, { recursive: true, force: true });
  // Others may have settings there, too.
  await rmdir('/etc/netns').catch(() => {});
}
