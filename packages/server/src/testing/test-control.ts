import { randomBytes, randomUUID } from 'node:crypto';
import { createLogger, RealClock } from '@pocketproxy/runtime';
import type { InjectOptions } from 'fastify';
import type { Api } from '../api/api.ts';
import { loadConfig } from '../config.ts';
import { type ControlDependencies, createControl } from '../control.ts';
import { PostgresBus } from '../db/bus.ts';
import type { Db } from '../db/database.ts';
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts';
import { ServerMetrics } from '../metrics/server-metrics.ts';
import { ConcurrencyGate } from '../services/concurrency-gate.ts';
import { ProxyCredentials } from '../services/credentials.ts';
import { PasswordHash } from '../services/password-hash.ts';
import { ServerKey } from '../services/server-key.ts';
import { Users } from '../services/users.ts';

export const TEST_PASSWORD = 'correct horse battery';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  readonly body: any;
}

/** Somebody who has logged in. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly organizationId: string;
  readonly token: string;
}

/** How a call is made, beside method, path and body. */
export interface CallOptions {
  readonly token?: string | null | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestControlOptions {
  readonly cost?: number;
  /** Settings that are not the default ones. */
  readonly config?: Partial<ControlDependencies['config']>;
}

type SharedParts = Pick<ControlDependencies, 'clock' | 'database' | 'bus' | 'loginHash' | 'serverKey'>;

/** The control role without a relay, on a database of its own. */
export class TestControl {
  readonly app: Api;
  readonly db: Db;
  readonly users: Users;
  readonly bus: PostgresBus;
  /** Everything that was logged, at the most talkative level. */
  readonly logged: string[];
  /** What it shares with other processes of the same installation. */
  readonly shared: SharedParts;
  readonly #database: TestDatabase;

  private constructor(
    app: Api,
    users: Users,
    bus: PostgresBus,
    logged: string[],
    database: TestDatabase,
    shared: SharedParts,
  ) {
    this.app = app;
    this.users = users;
    this.shared = shared;
    this.bus = bus;
    this.logged = logged;
    this.#database = database;
    this.db = database.database.db;
  }

  /** `cost` is bcrypt's; 4, its lowest, unless time is what is tested. */
  static async start({ cost = 4, config = {} }: TestControlOptions = {}): Promise<TestControl> {
    const logged: string[] = [];
    const destination = { write: (line: string) => void logged.push(line) };
    const log = createLogger({ level: 'trace', destination });
    const clock = new RealClock();
    const gate = new ConcurrencyGate(2, 64);
    const hash = new PasswordHash({ pepper: randomBytes(32), cost, gate });
    const server = await startTestDatabase();
    const { database } = server;
    const bus = new PostgresBus(database.address, log);
    await bus.start();
    const shared: SharedParts = {
      ...{ clock, database, bus, loginHash: hash, serverKey: new ServerKey(randomBytes(32)) },
    };
    const { app } = await createControl({
      config: { ...loadConfig({ POCKETPROXY_PUBLIC_URL: 'http://127.0.0.1:8080' }), ...config },
      credentials: new ProxyCredentials({ key: randomBytes(32), slowHash: hash, clock }),
      ...{ ...shared, log, checks: {}, metrics: new ServerMetrics('test') },
    });
    return new TestControl(app, new Users(database.db, hash), bus, logged, server, shared);
  }

  /** One call below `/api/v1`. */
  async call(method: Method, path: string, body?: object, options: CallOptions = {}): Promise<Answer> {
    const headers: Record<string, string> = { ...options.headers };
    if (options.token) headers.authorization = `Bearer ${options.token}`;
    const request: InjectOptions = { method, url: `/api/v1${path}`, headers };
    if (body) request.payload = body;
    const answer = await this.app.inject(request);
    const parsed = answer.body === '' ? undefined : JSON.parse(answer.body);
    return { status: answer.statusCode, headers: answer.headers, body: parsed };
  }

  /** Makes a user and logs in. */
  async person(role: 'admin' | 'operator' | 'customer', organizationId?: string): Promise<Person> {
    const email = `${role}-${randomUUID()}@example.com`;
    const { user } = await this.users.add({
      email,
      name: role,
      role,
      organizationId,
      password: TEST_PASSWORD,
    });
    return { id: user.id, email, organizationId: user.organizationId, token: await this.login(email) };
  }

  /** Logs in. Answers the token. */
  async login(email: string, password = TEST_PASSWORD): Promise<string> {
    const { body } = await this.call('POST', '/auth/login', { email, password });
    return body.token;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.bus.stop();
    await this.#database.stop();
  }
}
