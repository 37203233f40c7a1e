import type { ProxyCredentials } from '../../domain/ingress.ts';
import { parseGreeting, parseLogin, parseRequest, type Socks5Request } from './socks5-messages.ts';

export type Socks5Step =
  | { readonly kind: 'greeting'; readonly methods: Uint8Array }
  | { readonly kind: 'login'; readonly credentials: ProxyCredentials }
  | { readonly kind: 'request'; readonly request: Socks5Request }
  | { readonly kind: 'address_type' };

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * The client's half of a SOCKS5 handshake (RFC 1928, RFC 1929) as a state machine without I/O: bytes go in however
 * they were cut, messages come out one by one. After the greeting the caller says what it expects next, because that
 * depends on the method it chose.
 */
export class Socks5Handshake {
  #input = NOTHING;
  #expected: 'greeting' | 'login' | 'request' | null = 'greeting';

  push(chunk: Buffer): void {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
  }

  expect(message: 'login' | 'request'): void {
    this.#expected = message;
  }

  /**
   * The next message, or `null` when it is not complete or nothing is expected.
   * @throws {FlowError} `malformed_request`, and nothing else
   */
  next(): Socks5Step | null {
    switch (this.#expected) {
      case 'greeting': {
        const greeting = parseGreeting(this.#input);
        return greeting && this.#took(greeting.end, { kind: 'greeting', methods: greeting.value });
      }
      case 'login': {
        const login = parseLogin(this.#input);
        return login && this.#took(login.end, { kind: 'login', credentials: login.value });
      }
      case 'request': {
        const request = parseRequest(this.#input);
        if (request === 'address_type') return this.#took(0, { kind: 'address_type' });
        return request && this.#took(request.end, { kind: 'request', request: request.value });
      }
      default:
        return null;
    }
  }

  /** What came after the last message: data of the flow that the client sent early. */
  get rest(): Buffer {
    return this.#input;
  }

  #took(end: number, step: Socks5Step): Socks5Step {
    this.#input = this.#input.subarray(end);
    this.#expected = null;
    return step;
  }
}
