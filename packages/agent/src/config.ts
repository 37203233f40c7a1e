import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { AgentError } from './agent-error.ts';
import { DEFAULT_BLOCKED_PORTS } from './egress/destination-policy.ts';
import { isDnsServer } from './egress/dns-servers.ts';
import { detectPlatform, PLATFORM_NAMES, type PlatformName } from './platform/detect.ts';

/** The agent's settings, parsed and checked. */
export interface AgentConfig {
  readonly stateDir: string;
  readonly platform: PlatformName;
  /** `null`: the default route. */
  readonly egressInterface: string | null;
  readonly egressGateways: readonly string[];
  /** `null`: the default route. */
  readonly tunnelInterface: string | null;
  readonly radioCommand: string | null;
  /** Empty: those of the system. */
  readonly dnsServers: readonly string[];
  readonly blockedPorts: readonly number[];
  readonly logLevel: LogLevel;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Names of the settings, as flags without dashes, with what each means. */
export const SETTINGS = {
  'state-dir': 'Folder of the key, certificate and relay pin (default ~/.pocketproxy-agent)',
  platform: `What this device is: ${PLATFORM_NAMES.join(', ')} (default: found by itself)`,
  'egress-interface':
    'Customer traffic and DNS leave by this interface or not at all (default: the default route)',
  'egress-gateway':
    'Gateway of the egress interface, where the system knows none; one per IP version, by commas',
  'tunnel-interface': 'The tunnel leaves by this interface (default: the default route)',
  'radio-command': "A program called with off, on or status to control this host's radio",
  'dns-servers': "DNS servers for customers' names, separated by commas (default: those of the system)",
  'blocked-ports': 'TCP and UDP ports that customers may not dial, separated by commas, or none (default 25)',
  'log-level': `${LOG_LEVELS.join(', ')} (default info)`,
} as const;
export type SettingName = keyof typeof SETTINGS;

/** Values as the command line gave them, by setting name. */
export type Flags = Readonly<Partial<Record<SettingName, string>>>;

/** Name of the environment variable of a setting. */
export function environmentName(setting: SettingName): string {
  return `POCKETPROXY_AGENT_${setting.toUpperCase().replaceAll('-', '_')}`;
}

/**
 * Reads all settings; a flag wins over its environment variable.
 * @throws {AgentError} bad_settings, with every wrong value and what would be accepted
 */
export function readConfig(flags: Flags, environment: NodeJS.ProcessEnv = process.env): AgentConfig {
  const reader = new SettingReader(flags, environment);
  const config: AgentConfig = {
    stateDir: reader.read('state-dir', join(homedir(), '.pocketproxy-agent'), 'a path', (text) =>
      resolve(text),
    ),
    platform: reader.read('platform', detectPlatform(), oneOf(PLATFORM_NAMES), member(PLATFORM_NAMES)),
    egressInterface: reader.read('egress-interface', null, INTERFACE, interfaceName),
    egressGateways: reader.read('egress-gateway', [], 'IP addresses without zone', list(isGateway)),
    tunnelInterface: reader.read('tunnel-interface', null, INTERFACE, interfaceName),
    radioCommand: reader.read('radio-command', null, 'a program', (text) => text),
    dnsServers: reader.read(
      'dns-servers',
      [],
      'addresses such as 9.9.9.9 or [2620:fe::fe]:53',
      list(isDnsServer),
    ),
    blockedPorts: reader.read('blocked-ports', DEFAULT_BLOCKED_PORTS, 'port numbers, or none', ports),
    logLevel: reader.read('log-level', 'info', oneOf(LOG_LEVELS), member(LOG_LEVELS)),
  };
  reader.finish();
  return config;
}

const INTERFACE = 'the name of a network interface, such as wwan0';

class SettingReader {
  readonly #flags: Flags;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #errors: string[] = [];

  constructor(flags: Flags, environment: NodeJS.ProcessEnv) {
    this.#flags = flags;
    this.#environment = environment;
  }

  /** `parse` answers `undefined` for what it does not accept. An empty value counts as not set. */
  read<T, F>(
    name: SettingName,
    fallback: F,
    accepted: string,
    parse: (text: string) => T | undefined,
  ): T | F {
    const text = (this.#flags[name] ?? this.#environment[environmentName(name)] ?? '').trim();
    if (text === '') return fallback;
    const value = parse(text);
    if (value !== undefined) return value;
    this.#errors.push(
      `  --${name} (${environmentName(name)}): "${text}" is not accepted; expected ${accepted}`,
    );
    return fallback;
  }

  finish(): void {
    if (this.#errors.length === 0) return;
    throw new AgentError('bad_settings', `These settings cannot be used:\n${this.#errors.join('\n')}`);
  }
}

function member<T extends string>(values: readonly T[]): (text: string) => T | undefined {
  return (text) => values.find((value) => value === text);
}

function oneOf(values: readonly string[]): string {
  return `one of ${values.join(', ')}`;
}

function list(accepts: (item: string) => boolean): (text: string) => readonly string[] | undefined {
  return (text) => {
    const items = splitList(text);
    return items.length > 0 && items.every(accepts) ? items : undefined;
  };
}

function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '');
}

function isGateway(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/** What the kernel accepts as a name, IFNAMSIZ included; it ends up in arguments of `ip`. */
function interfaceName(text: string): string | undefined {
  return /^(?!\.{1,2}$)[^\s/:-][^\s/:]{0,14}$/.test(text) ? text : undefined;
}

function ports(text: string): readonly number[] | undefined {
  if (text === 'none') return [];
  const items = splitList(text);
  const numbers = items.map(Number);
  const valid = numbers.every((port) => Number.isInteger(port) && port > 0 && port < 65_536);
  return valid && items.length > 0 ? numbers : undefined;
}
