import { callHttp, type HttpAnswer, type HttpTarget } from './http-call.ts';

export interface DeviceView {
  readonly id: string;
  readonly name: string;
  readonly status: 'online' | 'reconnecting' | 'offline';
  readonly exitIp: string | null;
  readonly lastSeenAt: string | null;
  readonly allowPrivateDestinations: boolean;
  readonly capabilities: readonly string[];
}

export interface ConnectionView {
  readonly id: string;
  readonly deviceId: string;
  readonly name: string;
  readonly port: number;
  readonly username: string;
  readonly usedBytes: number;
  readonly enabled: boolean;
}

/** A connection together with its password, which only the answer to its creation has. */
export interface NewConnection extends ConnectionView {
  readonly password: string;
  /** Client file for OpenVPN with the password in it. */
  readonly ovpn: string | null;
}

export interface PairingCodeView {
  readonly id: string;
  readonly code: string;
  readonly pairingUrl: string;
}

/** A call that the API refused. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(call: string, answer: HttpAnswer) {
    super(`${call} answered ${answer.status}: ${answer.body.slice(0, 500)}`);
    this.status = answer.status;
    this.code = codeOf(answer.body);
  }
}

/** The REST API as an administrator's script uses it. */
export class ApiClient {
  readonly #target: HttpTarget;
  #token: string | null = null;

  constructor(target: HttpTarget) {
    this.#target = target;
  }

  /** One request to a path at the root, with its answer whatever the status is. */
  async raw(method: string, path: string, body?: unknown): Promise<HttpAnswer> {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (this.#token !== null) headers.authorization = `Bearer ${this.#token}`;
    const text = body === undefined ? undefined : JSON.stringify(body);
    return await callHttp(this.#target, { method, path, headers, body: text });
  }

  /** One call below `/api/v1`. @throws {ApiError} when it is refused */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.raw(method, `/api/v1${path}`, body);
    if (answer.status >= 300) throw new ApiError(`${method} ${path}`, answer);
    return (answer.body === '' ? undefined : JSON.parse(answer.body)) as T;
  }

  async login(email: string, password: string): Promise<void> {
    const { token } = await this.call<{ token: string }>('POST', '/auth/login', { email, password });
    this.#token = token;
  }

  async isReady(): Promise<boolean> {
    return (await this.raw('GET', '/readyz')).status === 200;
  }

  async createPairingCode(fields: {
    readonly name?: string;
    readonly deviceId?: string;
    readonly expiresInMinutes?: number;
  }): Promise<PairingCodeView> {
    return await this.call('POST', '/pairing-codes', fields);
  }

  async devices(): Promise<readonly DeviceView[]> {
    return (await this.call<{ items: DeviceView[] }>('GET', '/devices?limit=200')).items;
  }

  async device(id: string): Promise<DeviceView> {
    return await this.call('GET', `/devices/${id}`);
  }

  async changeDevice(id: string, fields: object): Promise<DeviceView> {
    return await this.call('PATCH', `/devices/${id}`, fields);
  }

  async createConnection(fields: {
    readonly deviceId: string;
    readonly name: string;
  }): Promise<NewConnection> {
    return await this.call('POST', '/connections', fields);
  }

  async connection(id: string): Promise<ConnectionView> {
    return await this.call('GET', `/connections/${id}`);
  }

  async changeConnection(id: string, fields: object): Promise<ConnectionView> {
    return await this.call('PATCH', `/connections/${id}`, fields);
  }

  /** Bytes counted so far, all time buckets together. */
  async bandwidth(connectionId: string): Promise<{ readonly up: number; readonly down: number }> {
    const { items } = await this.call<{ items: { bytesUp: number; bytesDown: number }[] }>(
      'GET',
      `/connections/${connectionId}/bandwidth?granularity=day`,
    );
    const sum = (of: 'bytesUp' | 'bytesDown'): number => items.reduce((total, item) => total + item[of], 0);
    return { up: sum('bytesUp'), down: sum('bytesDown') };
  }
}

function codeOf(body: string): string {
  try {
    return String((JSON.parse(body) as { code?: unknown }).code ?? '');
  } catch {
    return '';
  }
}
