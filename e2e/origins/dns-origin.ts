import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Answer, decode, encode, type Question } from 'dns-packet';
import type { Zone, ZoneEntry } from './dns-zone.ts';

/** A question as the name server saw it. */
export interface SeenQuestion {
  readonly from: string;
  readonly name: string;
  readonly type: string;
}

const AUTHORITATIVE = 1 << 10;
const RECURSION_AVAILABLE = 1 << 7;
const SERVFAIL = 2;
const NXDOMAIN = 3;

/** A name server over UDP that knows a few names, and nothing of the rest. */
export class DnsOrigin {
  readonly questions: SeenQuestion[] = [];
  zone: Zone;
  readonly #socket: Socket;
  readonly #turns = new Map<string, number>();

  private constructor(socket: Socket, zone: Zone) {
    this.#socket = socket;
    this.zone = zone;
    socket.on('message', (message, from) => this.#answer(message, from));
    socket.on('error', () => {});
  }

  static async start(zone: Zone, host = '127.0.0.1', port = 0): Promise<DnsOrigin> {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', ipv6Only: host.includes(':') });
    socket.bind(port, host);
    await once(socket, 'listening');
    return new DnsOrigin(socket, zone);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #answer(message: Buffer, from: RemoteInfo): void {
    let query: ReturnType<typeof decode>;
    try {
      query = decode(message);
    } catch {
      return;
    }
    const question = query.questions?.[0];
    if (!question) return;
    const name = question.name.toLowerCase();
    this.questions.push({ from: from.address.replace(/^::ffff:/, ''), name, type: question.type });
    const entry = this.zone[name];
    if (entry?.behaviour === 'silent') return;
    const code = entry === undefined ? NXDOMAIN : entry.behaviour === 'servfail' ? SERVFAIL : 0;
    const answers = entry && code === 0 ? this.#records(question, entry) : [];
    const reply = encode({
      type: 'response',
      id: query.id,
      flags: AUTHORITATIVE | RECURSION_AVAILABLE | ((query.flags ?? 0) & 0x100) | code,
      questions: [question],
      answers,
    });
    this.#socket.send(reply, from.port, from.address);
  }

  #records(question: Question, entry: ZoneEntry): Answer[] {
    const { name, type } = question;
    if (type === 'TXT' && entry.txt !== undefined) return [{ type, name, ttl: 0, data: entry.txt }];
    if (type !== 'A' && type !== 'AAAA') return [];
    const all = (type === 'A' ? entry.a : entry.aaaa) ?? [];
    const chosen =
      entry.behaviour === 'flip' ? all.slice(this.#turn(name, type, all.length)).slice(0, 1) : all;
    return chosen.map((data) => ({ type, name, ttl: 0, data }));
  }

  #turn(name: string, type: string, count: number): number {
    const key = `${name} ${type}`;
    const turn = this.#turns.get(key) ?? 0;
    this.#turns.set(key, turn + 1);
    return count === 0 ? 0 : turn % count;
  }
}
