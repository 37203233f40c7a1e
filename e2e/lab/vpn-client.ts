import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiClient, ConnectionView } from '../harness/api-client.ts';
import type { Child } from '../harness/child.ts';
import { missingPrograms } from '../harness/programs.ts';
import type { Host } from './host.ts';
import { LAB_UNAVAILABLE } from './requirements.ts';

/** Why tests of OpenVPN are skipped here; `null` when they run. */
export const VPN_UNAVAILABLE =
  LAB_UNAVAILABLE ?? (missingPrograms('openvpn').length > 0 ? 'not installed: openvpn' : null);

export interface VpnLogin {
  readonly username: string;
  readonly password: string;
}

let clients = 0;
/** Source ports that the system gives to nobody by itself. */
const FIRST_PORT = 10_000;

/** The real OpenVPN client on a host of the lab. */
export class VpnClient {
  readonly child: Child;
  readonly #host: Host;

  private constructor(child: Child, host: Host) {
    this.child = child;
    this.#host = host;
  }

  /**
   * Starts it with a downloaded file, and a login beside it if the file asks for one.
   *
   * Each client has a source port of its own, because a client that was killed stays a session of the daemon for 40 s:
   * another one that by chance gets its port is taken for it, and refused with a bare `AUTH_FAILED` when it has another
   * user name.
   */
  static async start(host: Host, file: string, login: VpnLogin | null, flags: readonly string[] = []) {
    return await VpnClient.startUnedited(
      host,
      file.replace(/^nobind$/m, () => `lport ${FIRST_PORT + clients}`),
      login,
      flags,
    );
  }

  /** Starts it with a file just as it is. */
  static async startUnedited(
    host: Host,
    file: string,
    login: VpnLogin | null,
    flags: readonly string[] = [],
  ): Promise<VpnClient> {
    clients += 1;
    const path = join(host.directory, `${host.name}-${clients}`);
    await writePrivately(`${path}.ovpn`, file);
    const argv = ['openvpn', '--config', `${path}.ovpn`, '--suppress-timestamps', ...flags];
    if (login) {
      await writePrivately(`${path}.login`, `${login.username}\n${login.password}\n`);
      argv.push('--auth-user-pass', `${path}.login`);
    }
    return new VpnClient(host.spawn(argv, { name: `${host.name}:openvpn` }), host);
  }

  /** Resolves when the tunnel is up. */
  async connected(withinMs = 20_000): Promise<void> {
    await this.child.log.waitFor(/Initialization Sequence Completed/, withinMs);
  }

  /** Resolves when the tunnel is up once more than now. */
  connectedAgain(withinMs = 30_000): Promise<unknown> {
    return this.child.log.waitForNext(/Initialization Sequence Completed/, withinMs);
  }

  /** Its IPv4 address in the tunnel now, or `null`. */
  async address(): Promise<string | null> {
    const { stdout } = await this.#host.exec(['ip', '-4', '-o', 'addr', 'show', 'dev', 'tun0']);
    return / inet ([\d.]+)\//.exec(stdout)?.[1] ?? null;
  }

  /** Disconnects as a person does. */
  async stop(): Promise<void> {
    await this.child.stop();
  }
}

/** The file that a customer downloads, which asks for the password. */
export async function downloadVpnFile(api: ApiClient, connection: ConnectionView): Promise<string> {
  const { status, body } = await api.raw('GET', `/api/v1/connections/${connection.id}/ovpn`);
  if (status !== 200) throw new Error(`${status}: ${body}`);
  return body;
}

async function writePrivately(path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
  await chmod(path, 0o600);
}
