import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, type Question } from 'dns-packet';

/** What a test's name server says to one question. */
export interface DnsReply {
  readonly addresses?: readonly string[];
  readonly ttl?: number;
  readonly rcode?: 'NXDOMAIN' | 'SERVFAIL';
  /** Resolves when the answer may be sent; never, for a server that is silent. */
  readonly after?: Promise<unknown>;
}

/** Answers one question; `undefined` is NXDOMAIN. `asked` counts earlier questions of the same name and type. */
export type DnsScript = (
  name: string,
  type: 'A' | 'AAAA',
  asked: number,
  from: RemoteInfo,
) => DnsReply | undefined;

const RCODES = { NXDOMAIN: 3, SERVFAIL: 2 } as const;

/** A name server on a real socket, whose answers a test scripts. */
export class TestDnsServer {
  /** `type name`, in the order of arrival. */
  readonly asked: string[] = [];
  readonly #socket: Socket;
  readonly #script: DnsScript;

  private constructor(socket: Socket, script: DnsScript) {
    this.#socket = socket;
    this.#script = script;
    socket.on('message', (message, from) => void this.#answer(message, from));
  }

  static async start(script: DnsScript, host = '127.0.0.1', port = 0): Promise<TestDnsServer> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.bind(port, host);
    await once(socket, 'listening');
    return new TestDnsServer(socket, script);
  }

  /** As `--dns-servers` takes it. */
  get address(): string {
    const { address, port } = this.#socket.address();
    return `${address}:${port}`;
  }

  close(): void {
    this.#socket.close();
  }

  async #answer(message: Buffer, from: RemoteInfo): Promise<void> {
    const query = decode(message);
    const question = query.questions?.[0] as Question;
    const name = question.name.toLowerCase();
    const type = question.type === 'AAAA' ? 'AAAA' : 'A';
    const key = `${type} ${name}`;
    const before = this.asked.filter((one) => one === key).length;
    this.asked.push(key);
    const reply = this.#script(name, type, before, from) ?? { rcode: 'NXDOMAIN' };
    await reply.after;
    const answers = (reply.addresses ?? []).map(
      (data) => ({ type, name, ttl: reply.ttl ?? 60, data }) as const,
    );
    const rcode = reply.rcode ? RCODES[reply.rcode] : 0;
    const packet = encode({
      type: 'response',
      id: query.id,
      flags: 0x180 | rcode,
      questions: [question],
      answers,
    });
    this.#socket.send(packet, from.port, from.address);
  }
}
