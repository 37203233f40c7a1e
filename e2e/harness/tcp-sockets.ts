import { runCommand } from './run-command.ts';

/** What the kernel knows of one end of a TCP connection. */
export interface TcpSocket {
  readonly localPort: number;
  readonly remotePort: number;
  /** Received and not yet read by the program. */
  readonly unread: number;
  /** All bytes that the program has handed to the kernel. */
  readonly written: number;
  /** All bytes that have arrived at this end. */
  readonly received: number;
}

/** Established TCP connections of this machine as `ss` of iproute2 shows them. Linux only. */
export async function tcpSockets(): Promise<TcpSocket[]> {
  const lines = (await runCommand(['ss', '-tniHO', 'state', 'established'])).split('\n');
  return lines.flatMap((line) => {
    const head = /^(\d+)\s+(\d+)\s+\S+:(\d+)\s+\S+:(\d+)/.exec(line);
    if (!head) return [];
    const [unread, unacknowledged, localPort, remotePort] = head.slice(1).map(Number);
    const counter = (name: string): number => Number(new RegExp(` ${name}:(\\d+)`).exec(line)?.[1] ?? 0);
    return [
      {
        localPort: localPort!,
        remotePort: remotePort!,
        unread: unread!,
        written: counter('bytes_acked') + unacknowledged!,
        received: counter('bytes_received'),
      },
    ];
  });
}
