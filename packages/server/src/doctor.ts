import { constants } from 'node:fs';
import { access, mkdir, readFile } from 'node:fs/promises';
import net from 'node:net';
import { silentLogger } from '@pocketproxy/runtime';
import type { Config } from './config.ts';
import type { ListenAddress } from './config-values.ts';
import { lockHolder } from './data-dir-lock.ts';
import { type DatabaseAddress, openDatabase } from './db/database.ts';
import { vpnNetwork } from './domain/vpn.ts';
import { vpnObstacles } from './openvpn/obstacles.ts';
import { checkMailServer } from './services/notifications/mailer.ts';

/** One thing that was looked at. */
export interface Finding {
  /** `off`: works without; `bad`: the server does not start or does not do its work. */
  readonly state: 'ok' | 'off' | 'bad';
  readonly what: string;
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string | undefined;
}

/** Looks at this machine with the eyes of the server. Changes nothing. */
export async function runDoctor(config: Config): Promise<Finding[]> {
  const holder = await lockHolder(config.dataDir);
  const running = holder !== null;
  return [
    settingsFinding(config),
    await dataDirFinding(config.dataDir, holder?.pid),
    await databaseFinding(config.databaseUrl ?? holder?.database ?? null),
    ...(running ? [] : await portFindings(config)),
    await portRangeFinding(config),
    await mailFinding(config),
    ...(await vpnFindings(config)),
  ];
}

function settingsFinding({ unknownNames, role }: Config): Finding {
  if (unknownNames.length === 0)
    return { state: 'ok', what: 'settings', detail: `all understood, role ${role}` };
  return {
    state: 'bad',
    what: 'settings',
    detail: `there is no ${unknownNames.join(', ')}`,
    remedy: 'look for a spelling mistake in the environment and in .env of the data directory',
  };
}

async function dataDirFinding(dataDir: string, pid: number | undefined): Promise<Finding> {
  const what = 'data';
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    await access(dataDir, constants.W_OK);
    const user = pid === undefined ? 'no server runs' : `a server runs as process ${pid}`;
    return { state: 'ok', what, detail: `${dataDir}, ${user}` };
  } catch (error) {
    return {
      state: 'bad',
      what,
      detail: (error as Error).message,
      remedy: 'make the folder writable or set POCKETPROXY_DATA_DIR',
    };
  }
}

async function databaseFinding(address: DatabaseAddress | null): Promise<Finding> {
  const what = 'database';
  if (address === null) return { state: 'ok', what, detail: 'embedded, starts with the server' };
  const database = openDatabase({ address, log: silentLogger(), maxConnections: 1 });
  const kind = typeof address === 'string' ? 'external' : 'embedded';
  try {
    await database.ping();
    return { state: 'ok', what, detail: `${kind}, answers` };
  } catch (error) {
    const detail = `${kind}, does not answer: ${(error as Error).message}`;
    return { state: 'bad', what, detail, remedy: 'check DATABASE_URL and that the server lets this host in' };
  } finally {
    await database.close();
  }
}

async function portFindings(config: Config): Promise<Finding[]> {
  const wanted: [string, ListenAddress][] = [['POCKETPROXY_HTTP_LISTEN', config.httpListen]];
  if (config.role !== 'control') wanted.push(['POCKETPROXY_TUNNEL_LISTEN', config.tunnelListen]);
  return await Promise.all(
    wanted.map(async ([setting, address]): Promise<Finding> => {
      const problem = await listenProblem(address);
      const detail = `${address.host}:${address.port} ${problem ?? 'is free'}`;
      if (problem === null) return { state: 'ok', what: 'port', detail };
      return { state: 'bad', what: 'port', detail, remedy: `choose another address with ${setting}` };
    }),
  );
}

function listenProblem({ host, port }: ListenAddress): Promise<string | null> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(`cannot be opened: ${error.code}`));
    server.listen({ host, port }, () => server.close(() => resolve(null)));
  });
}

/** Linux gives outgoing connections ports that a connection of ours may want: it must be told to leave them alone. */
async function portRangeFinding({ portRange: { first, last }, role }: Config): Promise<Finding> {
  const detail = `connections get ${first}-${last}`;
  const what = 'port range';
  if (role === 'control') return { state: 'ok', what, detail: 'the relay has it' };
  const [low = 0, high = 0] = (await sysctl('ip_local_port_range')).split(/\s+/).map(Number);
  const reserved = await sysctl('ip_local_reserved_ports');
  if (high < first || low > last || covers(reserved, Math.max(first, low), Math.min(last, high))) {
    return { state: 'ok', what, detail };
  }
  return {
    state: 'off',
    what,
    detail: `${detail}, some of which the system gives to outgoing connections`,
    remedy: `sysctl -w net.ipv4.ip_local_reserved_ports=${first}-${last}`,
  };
}

async function sysctl(name: string): Promise<string> {
  return (await readFile(`/proc/sys/net/ipv4/${name}`, 'utf8').catch(() => '')).trim();
}

/** Whether a list such as `30000-39999,50000` holds a whole range. */
function covers(list: string, first: number, last: number): boolean {
  return list.split(',').some((entry) => {
    const [from = Number.NaN, to = from] = entry.split('-').map(Number);
    return from <= first && to >= last;
  });
}

async function mailFinding({ smtpUrl }: Config): Promise<Finding> {
  const what = 'mail';
  if (smtpUrl === null) {
    const remedy = 'set POCKETPROXY_SMTP_URL and POCKETPROXY_MAIL_FROM';
    return { state: 'off', what, detail: 'no notifications and invitations by e-mail', remedy };
  }
  const { hostname } = new URL(smtpUrl);
  return await checkMailServer(smtpUrl).then(
    () => ({ state: 'ok' as const, what, detail: `${hostname} lets us in` }),
    ({ message }: Error) => ({
      ...{ state: 'bad' as const, what, detail: `${hostname}: ${message}` },
      remedy: 'check POCKETPROXY_SMTP_URL',
    }),
  );
}

async function vpnFindings({ vpnListen, vpnSubnet, role }: Config): Promise<Finding[]> {
  const what = 'OpenVPN';
  if (role === 'control') return [{ state: 'ok', what, detail: 'the relay has it' }];
  if (vpnListen === null) return [{ state: 'off', what, detail: 'by POCKETPROXY_VPN_LISTEN=off' }];
  const obstacles = await vpnObstacles(vpnNetwork(vpnSubnet));
  if (obstacles.length === 0) {
    return [{ state: 'ok', what, detail: `can take clients on ${vpnListen.host}:${vpnListen.port}/udp` }];
  }
  return obstacles.map((obstacle) => ({ state: 'off', ...obstacle, detail: `OpenVPN: ${obstacle.detail}` }));
}
