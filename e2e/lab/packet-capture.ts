import type { Child } from '../harness/child.ts';
import type { Host } from './host.ts';

/** tcpdump on one interface of a host, one line for each packet: to show what a meter has only counted. */
export class PacketCapture {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  /** `filter` is in the language of pcap-filter(7). Resolves when packets are being caught. */
  static async start(host: Host, device: string, filter: string): Promise<PacketCapture> {
    const argv = ['tcpdump', '-n', '-l', '--immediate-mode', '-i', device, filter];
    const child = host.spawn(argv, { name: `${host.name}:tcpdump ${device}` });
    await child.log.waitFor(/listening on/);
    return new PacketCapture(child);
  }

  /** Packets caught so far. */
  get packets(): string[] {
    return this.#child.log.lines.filter((line) => /^\d\d:\d\d:\d\d\.\d+ /.test(line));
  }

  /** Resolves with the first packet whose line matches, caught already or yet to come. */
  async waitFor(pattern: RegExp, withinMs?: number): Promise<string> {
    return (await this.#child.log.waitFor(pattern, withinMs)).input;
  }

  async stop(): Promise<void> {
    await this.#child.stop();
  }
}
