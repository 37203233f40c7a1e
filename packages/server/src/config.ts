import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import {
  host,
  ipAddress,
  ipv4Subnet,
  type ListenAddress,
  listenAddress,
  mailAddress,
  onOff,
  type PortRange,
  portRange,
  smtpUrl,
  urlOf,
  wholeNumber,
} from './config-values.ts';
import type { MailAddress } from './domain/mail-address.ts';

/** All settings of the server, parsed once. */
export interface Config {
  /** Absolute path. */
  readonly dataDir: string;
  readonly role: 'all' | 'control' | 'relay';
  readonly httpListen: ListenAddress;
  readonly tunnelListen: ListenAddress;
  readonly proxyListen: string;
  readonly portRange: PortRange;
  /** Open flows of this relay, and what its customers' sockets are sized by. */
  readonly maxFlows: number;
  /** `null`: three quarters of what the host or its container has. */
  readonly maxMemoryMb: number | null;
  /** A flow that moves no byte for so long ends. */
  readonly flowIdleSeconds: number;
  /** `null` when OpenVPN is off. */
  readonly vpnListen: ListenAddress | null;
  readonly vpnSubnet: string;
  readonly publicHost: string;
  readonly publicUrl: string;
  readonly adminEmail: string | null;
  readonly adminPassword: string | null;
  /** `null` means the embedded database. */
  readonly databaseUrl: string | null;
  readonly smtpUrl: string | null;
  /** Set when `smtpUrl` is. */
  readonly mailFrom: MailAddress | null;
  /** Whether webhooks may reach private addresses, those of this host included. */
  readonly webhookAllowPrivate: boolean;
  /** 32 bytes as hex; `null` means the one in the data directory. See docs/adr/0004-credentials.md. */
  readonly serverKey: string | null;
  /** `null` lets the command decide. */
  readonly logLevel: LogLevel | null;
  /** Names that begin with `POCKETPROXY_` and mean nothing: most likely misspelt. */
  readonly unknownNames: readonly string[];
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

interface Setting<T> {
  readonly schema: z.ZodType<T, string>;
  readonly fallback: T;
  /** Completes "accepted: ...". */
  readonly accepts: string;
  /** Its value is never repeated in a message. */
  readonly secret?: true;
}

function setting<T>(schema: z.ZodType<T, string>, fallback: NoInfer<T>, accepts: string): Setting<T> {
  return { schema, fallback, accepts };
}

function optional<T>(schema: z.ZodType<T, string>, accepts: string): Setting<T | null> {
  return { schema, fallback: null, accepts };
}

function secret<T>(of: Setting<T>): Setting<T> {
  return { ...of, secret: true };
}

const offOr = <T>(schema: z.ZodType<T, string>): z.ZodType<T | null, string> =>
  z.union([z.literal('off').transform(() => null), schema]);

const SETTINGS = {
  POCKETPROXY_ROLE: setting(z.enum(['all', 'control', 'relay']), 'all', 'all, control or relay'),
  POCKETPROXY_HTTP_LISTEN: setting(listenAddress, { host: '127.0.0.1', port: 8080 }, 'host:port'),
  POCKETPROXY_TUNNEL_LISTEN: setting(listenAddress, { host: '127.0.0.1', port: 7443 }, 'host:port'),
  POCKETPROXY_PROXY_LISTEN: setting(ipAddress, '127.0.0.1', 'an IP address of this host, or 0.0.0.0 or ::'),
  POCKETPROXY_PORT_RANGE: setting(
    portRange,
    { first: 30000, last: 39999 },
    'first-last, between 1024 and 65535',
  ),
  POCKETPROXY_MAX_FLOWS: setting(wholeNumber(1, 1_000_000), 20_000, 'a number from 1 to 1000000'),
  POCKETPROXY_MAX_MEMORY_MB: optional(wholeNumber(256, 1_048_576), 'megabytes, from 256 to 1048576'),
  POCKETPROXY_FLOW_IDLE_SECONDS: setting(
    wholeNumber(1, 86_400),
    300,
    'a whole number of seconds from 1 to 86400',
  ),
  POCKETPROXY_VPN_LISTEN: setting(
    offOr(listenAddress),
    { host: '127.0.0.1', port: 1194 },
    'host:port, or off',
  ),
  POCKETPROXY_VPN_SUBNET: setting(ipv4Subnet, '10.66.0.0/16', 'an IPv4 network from /8 to /28'),
  POCKETPROXY_PUBLIC_HOST: setting(host, '127.0.0.1', 'a host name or IP address'),
  POCKETPROXY_PUBLIC_URL: optional(urlOf('http:', 'https:'), 'a URL that begins with http:// or https://'),
  POCKETPROXY_ADMIN_EMAIL: optional(z.email().toLowerCase(), 'an e-mail address'),
  POCKETPROXY_ADMIN_PASSWORD: secret(optional(z.string().min(10).max(128), '10 to 128 characters')),
  DATABASE_URL: secret(
    optional(urlOf('postgres:', 'postgresql:'), 'postgres://user:password@host:port/database'),
  ),
  POCKETPROXY_SMTP_URL: secret(optional(smtpUrl, 'smtp://user:password@host:port or smtps://...')),
  POCKETPROXY_MAIL_FROM: optional(mailAddress, 'an e-mail address, or Name <address>'),
  POCKETPROXY_WEBHOOK_ALLOW_PRIVATE: setting(onOff, false, 'on or off'),
  POCKETPROXY_SERVER_KEY: secret(
    optional(z.string().regex(/^[0-9a-f]{64}$/i), '64 hex digits (32 random bytes)'),
  ),
  POCKETPROXY_LOG_LEVEL: optional(z.enum(LOG_LEVELS), LOG_LEVELS.join(', ')),
} as const;

type SettingName = keyof typeof SETTINGS;
type Parsed = { [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer T> ? T : never };

/** One setting that cannot be used. */
export interface ConfigProblem {
  readonly name: string;
  readonly value: string;
  readonly accepted: string;
}

/** Every bad setting at once. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map((p) => `  ${p.name}=${p.value}\n    accepted: ${p.accepted}`);
    super(`${problems.length === 1 ? 'A setting is' : 'Settings are'} wrong:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings from the environment and from `.env` in the data directory; the environment wins.
 * This is the only place that reads `process.env`.
 * @throws {ConfigError} with every problem
 */
export function loadConfig(environment: Environment = process.env): Config {
  const dataDir = resolve(nonEmpty(environment.POCKETPROXY_DATA_DIR) ?? 'data');
  const file = readEnvFile(dataDir);
  const values: Environment = { ...file, ...definedOnly(environment) };
  const { parsed, problems } = parseAll(values);
  problems.push(...contradictions(parsed));
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(dataDir, parsed, unknownNames(values));
}

function readEnvFile(dataDir: string): Environment {
  const path = join(dataDir, '.env');
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {};
}

function definedOnly(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => nonEmpty(value) !== undefined));
}

/** `NAME=` in a shell or a compose file means "not set". */
function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function parseAll(values: Environment): { parsed: Parsed; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const entries = Object.entries(SETTINGS).map(([name, of]: [string, Setting<unknown>]) => {
    const value = nonEmpty(values[name]);
    if (value === undefined) return [name, of.fallback];
    const result = of.schema.safeParse(value.trim());
    if (result.success) return [name, result.data];
    problems.push({ name, value: of.secret ? '<hidden>' : value, accepted: of.accepts });
    return [name, of.fallback];
  });
  return { parsed: Object.fromEntries(entries) as Parsed, problems };
}

function contradictions(parsed: Parsed): ConfigProblem[] {
  const range = parsed.POCKETPROXY_PORT_RANGE;
  const listening: [string, ListenAddress][] = [
    ['POCKETPROXY_HTTP_LISTEN', parsed.POCKETPROXY_HTTP_LISTEN],
    ['POCKETPROXY_TUNNEL_LISTEN', parsed.POCKETPROXY_TUNNEL_LISTEN],
  ];
  const problems = listening
    .filter(([, address]) => address.port >= range.first && address.port <= range.last)
    .map(([name, address]) => ({
      name,
      value: `${address.host}:${address.port}`,
      accepted: `a port outside of POCKETPROXY_PORT_RANGE (${range.first}-${range.last})`,
    }));
  const vpn = parsed.POCKETPROXY_VPN_LISTEN;
  if (vpn?.port === 0) {
    // It goes into files that customers keep.
    const accepted = 'a port from 1 to 65535, which stays the same';
    problems.push({ name: 'POCKETPROXY_VPN_LISTEN', value: `${vpn.host}:0`, accepted });
  }
  const role = parsed.POCKETPROXY_ROLE;
  // The embedded database belongs to one process, so roles in several processes cannot share it.
  if (role !== 'all' && parsed.DATABASE_URL === null) {
    const accepted = `the URL of a PostgreSQL server, because POCKETPROXY_ROLE is ${role}`;
    problems.push({ name: 'DATABASE_URL', value: '', accepted });
  }
  if (parsed.POCKETPROXY_SMTP_URL !== null && parsed.POCKETPROXY_MAIL_FROM === null) {
    const accepted = 'an e-mail address, or Name <address>, because POCKETPROXY_SMTP_URL is set';
    problems.push({ name: 'POCKETPROXY_MAIL_FROM', value: '', accepted });
  }
  return problems;
}

function unknownNames(values: Environment): string[] {
  return Object.keys(values).filter(
    (name) =>
      name.startsWith('POCKETPROXY_') &&
      !name.startsWith('POCKETPROXY_AGENT_') &&
      name !== 'POCKETPROXY_DATA_DIR' &&
      !Object.hasOwn(SETTINGS, name),
  );
}

function toConfig(dataDir: string, parsed: Parsed, unknown: readonly string[]): Config {
  return {
    dataDir,
    role: parsed.POCKETPROXY_ROLE,
    httpListen: parsed.POCKETPROXY_HTTP_LISTEN,
    tunnelListen: parsed.POCKETPROXY_TUNNEL_LISTEN,
    proxyListen: parsed.POCKETPROXY_PROXY_LISTEN,
    portRange: parsed.POCKETPROXY_PORT_RANGE,
    maxFlows: parsed.POCKETPROXY_MAX_FLOWS,
    maxMemoryMb: parsed.POCKETPROXY_MAX_MEMORY_MB,
    flowIdleSeconds: parsed.POCKETPROXY_FLOW_IDLE_SECONDS,
    vpnListen: parsed.POCKETPROXY_VPN_LISTEN,
    vpnSubnet: parsed.POCKETPROXY_VPN_SUBNET,
    publicHost: parsed.POCKETPROXY_PUBLIC_HOST,
    publicUrl:
      parsed.POCKETPROXY_PUBLIC_URL ??
      urlOfAddress(parsed.POCKETPROXY_HTTP_LISTEN, parsed.POCKETPROXY_PUBLIC_HOST),
    adminEmail: parsed.POCKETPROXY_ADMIN_EMAIL,
    adminPassword: parsed.POCKETPROXY_ADMIN_PASSWORD,
    databaseUrl: parsed.DATABASE_URL,
    smtpUrl: parsed.POCKETPROXY_SMTP_URL,
    mailFrom: parsed.POCKETPROXY_MAIL_FROM,
    webhookAllowPrivate: parsed.POCKETPROXY_WEBHOOK_ALLOW_PRIVATE,
    serverKey: parsed.POCKETPROXY_SERVER_KEY?.toLowerCase() ?? null,
    logLevel: parsed.POCKETPROXY_LOG_LEVEL,
    unknownNames: unknown,
  };
}

/** `http://host:port` of a listening address; the public host where it listens on every address. */
export function urlOfAddress(address: ListenAddress, publicHost: string): string {
  const name = address.host === '0.0.0.0' || address.host === '::' ? publicHost : address.host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
}

/** What a child process may know of our environment: enough to run, and none of our settings and secrets. */
export function childEnvironment(environment: Environment = process.env): Record<string, string> {
  const names = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ'];
  const entries = names.map((name) => [name, environment[name]]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
