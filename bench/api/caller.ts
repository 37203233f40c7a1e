import { Agent, request } from 'node:http';

/** How one call went. */
export interface Answered {
  readonly ms: number;
  readonly bytes: number;
}

/** A client with kept connections, as browsers and scripts have. */
export class ApiCaller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 100 });
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** One GET, until the whole answer is there. @throws {Error} unless it is 200 */
  get(path: string, token: string): Promise<Answered> {
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` };
      const sent = request(`${this.#url}/api/v1${path}`, { agent: this.#agent, headers }, (answer) => {
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        answer.once('error', reject);
        answer.once('end', () => {
          if (answer.statusCode === 200) resolve({ ms: performance.now() - startedAt, bytes });
          else reject(new Error(`GET ${path} answered ${answer.statusCode}`));
        });
      });
      sent.once('error', reject);
      sent.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
