import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** Addresses look public, because private destinations are refused; they exist in the lab's namespaces alone. */
export const LAB = {
  server: { ip4: '11.22.33.44', ip6: '2a10:cafe:33::44' },
  wlan0: {
    phone4: '192.168.43.100',
    router4: '192.168.43.1',
    phone6: '2a10:cafe:43::100',
    router6: '2a10:cafe:43::1',
  },
  rmnet0: { phone4: '21.5.7.10', router4: '21.5.7.1', phone6: '2a10:cafe:7::10', router6: '2a10:cafe:7::1' },
} as const;

const PREFIXES = { wlan0: '2a10:cafe:43', rmnet0: '2a10:cafe:7' } as const;

/** Why the lab cannot be built here, or `null` when it can. */
export function labUnavailable(): string | null {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  try {
    execFileSync('unshare', ['--net', 'true'], { stdio: 'ignore' });
    execFileSync('nft', ['--version'], { stdio: 'ignore' });
    execFileSync('ip', ['-V'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'unshare, ip or nft is missing or not permitted here';
  }
}

/**
 * A phone with `wlan0`, its default route, and `rmnet0`, and the world that both lead to. The world counts what
 * reaches its servers by way of `wlan0`: that is a leak.
 */
export class NetworkLab {
  readonly #phone: string;
  readonly #world: string;

  private constructor(name: string) {
    this.#phone = `${name}-phone`;
    this.#world = `${name}-world`;
  }

  static create(): NetworkLab {
    const lab = new NetworkLab(`ppa${process.pid}`);
    lab.#build();
    return lab;
  }

  destroy(): void {
    for (const name of [this.#phone, this.#world])
      execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
  }

  /** Runs a program on the phone and answers its output. */
  phone(...argv: string[]): string {
    return this.#run(this.#phone, argv);
  }

  /** Datagrams and segments for the servers, and for their resolver, that came by `wlan0`. */
  leaked(): number {
    const text = this.#run(this.#world, ['nft', '-j', 'list', 'counters']);
    const { nftables } = JSON.parse(text) as { nftables: { counter?: { packets: number } }[] };
    return nftables.reduce((sum, { counter }) => sum + (counter?.packets ?? 0), 0);
  }

  /** Gives `rmnet0` another IPv4 address, as a carrier does after the radio was off. */
  changeMobileAddress(ip4: string): void {
    this.phone('ip', 'link', 'set', 'rmnet0', 'down');
    this.phone('ip', '-4', 'address', 'flush', 'dev', 'rmnet0');
    this.phone('ip', 'address', 'add', `${ip4}/24`, 'dev', 'rmnet0');
    this.mobileUp();
  }

  mobileDown(): void {
    this.phone('ip', 'link', 'set', 'rmnet0', 'down');
  }

  /** Brings `rmnet0` up again, with the routes and the IPv6 address that going down took away. */
  mobileUp(): void {
    const { phone6, router4, router6 } = LAB.rmnet0;
    this.phone('ip', 'link', 'set', 'rmnet0', 'up');
    this.phone('ip', 'address', 'replace', `${phone6}/64`, 'dev', 'rmnet0', 'nodad');
    this.phone('ip', 'route', 'replace', 'default', 'via', router4, 'dev', 'rmnet0', 'metric', '700');
    this.phone('ip', '-6', 'route', 'replace', 'default', 'via', router6, 'dev', 'rmnet0', 'metric', '700');
  }

  /** Starts a Node.js program on the phone; it talks by lines of JSON. */
  startOnPhone(program: URL, ...args: string[]): LabProgram {
    return new LabProgram(this.#phone, program, args);
  }

  startInWorld(program: URL, ...args: string[]): LabProgram {
    return new LabProgram(this.#world, program, args);
  }

  #build(): void {
    for (const name of [this.#phone, this.#world]) {
      execFileSync('ip', ['netns', 'add', name]);
      this.#run(name, ['ip', 'link', 'set', 'lo', 'up']);
    }
    this.#link('wlan0', '600');
    this.#link('rmnet0', '700');
    const { ip4, ip6 } = LAB.server;
    this.#run(this.#world, ['ip', 'address', 'add', `${ip4}/32`, 'dev', 'lo']);
    this.#run(this.#world, ['ip', 'address', 'add', `${ip6}/128`, 'dev', 'lo', 'nodad']);
    const rules = `
      table inet lab {
        counter v4 { }
        counter v6 { }
        chain arriving {
          type filter hook prerouting priority -300;
          iifname "wlan0" ip daddr ${ip4} counter name v4
          iifname "wlan0" ip6 daddr ${ip6} counter name v6
        }
      }`;
    execFileSync('ip', ['netns', 'exec', this.#world, 'nft', '-f', '-'], { input: rules });
  }

  #link(name: 'wlan0' | 'rmnet0', metric: string): void {
    const { phone4, router4, phone6, router6 } = LAB[name];
    execFileSync('ip', [
      'link',
      'add',
      name,
      'netns',
      this.#phone,
      'type',
      'veth',
      'peer',
      'name',
      name,
      'netns',
      this.#world,
    ]);
    for (const [place, v4, v6] of [
      [this.#phone, phone4, phone6],
      [this.#world, router4, router6],
    ] as const) {
      this.#run(place, ['ip', 'address', 'add', `${v4}/24`, 'dev', name]);
      this.#run(place, ['ip', 'link', 'set', name, 'up']);
      this.#run(place, ['ip', 'address', 'add', `${v6}/64`, 'dev', name, 'nodad']);
    }
    this.#run(this.#phone, ['ip', 'route', 'add', 'default', 'via', router4, 'dev', name, 'metric', metric]);
    this.#run(this.#phone, [
      'ip',
      '-6',
      'route',
      'add',
      'default',
      'via',
      `${PREFIXES[name]}::1`,
      'dev',
      name,
      'metric',
      metric,
    ]);
  }

  #run(place: string, argv: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', place, ...argv], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}

/** A program in a namespace that answers each line of JSON with one. */
export class LabProgram {
  readonly #child: ChildProcess;
  readonly #waiting: ((answer: Record<string, unknown>) => void)[] = [];
  readonly #early: Record<string, unknown>[] = [];
  #text = '';

  constructor(place: string, program: URL, args: readonly string[]) {
    this.#child = spawn('ip', ['netns', 'exec', place, process.execPath, program.pathname, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    (this.#child.stdout as Readable).on('data', (chunk) => this.#read(String(chunk)));
  }

  async call(request: Record<string, unknown>): Promise<Record<string, unknown>> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.next();
  }

  /** The next line. */
  next(): Promise<Record<string, unknown>> {
    const early = this.#early.shift();
    return early ? Promise.resolve(early) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  #read(chunk: string): void {
    const lines = (this.#text + chunk).split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) {
      const answer = JSON.parse(line) as Record<string, unknown>;
      const waiting = this.#waiting.shift();
      if (waiting) waiting(answer);
      else this.#early.push(answer);
    }
  }
}
