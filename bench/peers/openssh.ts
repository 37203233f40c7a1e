import { mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../e2e/harness/child.ts';
import { freePort } from '../../e2e/harness/free-ports.ts';
import { runCommand, tryCommand } from '../../e2e/harness/run-command.ts';
import type { Peer } from './peer.ts';

const SSHD_PLACES = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'];
/** Empty directory that Debian's sshd insists on when it is started by root. */
const PRIVILEGE_SEPARATION = '/run/sshd';

/** What was found out about the programs. */
export interface OpenSshFacts {
  readonly version: string;
  /** As both ends negotiated it. */
  readonly cipher: string;
}

/** The programs of OpenSSH that this machine has; a text that says what is missing otherwise. */
export async function findOpenSsh(): Promise<{ readonly sshd: string; readonly version: string } | string> {
  const client = await tryCommand(['ssh', '-V']).catch(() => null);
  if (client?.code !== 0) return 'ssh is not installed (Debian: openssh-client)';
  for (const sshd of SSHD_PLACES) {
    // `sshd -V` is not known to older versions, but they print their version as well.
    const answer = await tryCommand([sshd, '-V']).catch(() => null);
    if (answer) return { sshd, version: client.stderr.trim() };
  }
  return 'sshd is not installed (Debian: openssh-server)';
}

/**
 * OpenSSH's remote dynamic forwarding, `ssh -R port`: sshd is the relay and opens the port, ssh is the phone and speaks
 * SOCKS. An sshd of our own, with its own keys, on a free loopback port.
 */
export class OpenSsh implements Peer {
  readonly name = 'OpenSSH';
  /** Where sshd takes SOCKS clients. */
  readonly socksPort: number;
  readonly facts: OpenSshFacts;
  readonly #server: Child;
  readonly #client: Child;
  readonly #cleanUp: () => Promise<void>;

  private constructor(
    socksPort: number,
    facts: OpenSshFacts,
    server: Child,
    client: Child,
    cleanUp: () => Promise<void>,
  ) {
    this.socksPort = socksPort;
    this.facts = facts;
    this.#server = server;
    this.#client = client;
    this.#cleanUp = cleanUp;
  }

  /** @param cipher what both must use; their own choice when left out */
  static async start(sshd: string, version: string, cipher: string | null): Promise<OpenSsh> {
    const directory = await mkdtemp(join(tmpdir(), 'pp-bench-ssh-'));
    const madeRunDirectory = await makeRunDirectory();
    const cleanUp = async (): Promise<void> => {
      await rm(directory, { recursive: true, force: true });
      if (madeRunDirectory) await rmdir(PRIVILEGE_SEPARATION).catch(() => {});
    };
    const port = await freePort();
    const server = await startServer(sshd, directory, port);
    try {
      const socksPort = await freePort();
      const client = startClient(directory, port, socksPort, cipher);
      // Debug lines of `ssh -v`: the names of both directions' ciphers, then the answer to the forwarding request.
      const agreed = await client.log.waitFor(/kex: server->client cipher: (\S+)/);
      await client.log.waitFor(/remote forward success/);
      return new OpenSsh(socksPort, { version, cipher: agreed[1]! }, server, client, cleanUp);
    } catch (error) {
      await server.kill();
      await cleanUp();
      throw error;
    }
  }

  get relayPid(): number {
    return this.#server.pid;
  }

  get agentPid(): number {
    return this.#client.pid;
  }

  async stop(): Promise<void> {
    await this.#client.stop();
    await this.#server.stop();
    await this.#cleanUp();
  }
}

async function startServer(sshd: string, directory: string, port: number): Promise<Child> {
  for (const name of ['host', 'client']) {
    await runCommand(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(directory, name)]);
  }
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(directory, 'host')}`,
    `AuthorizedKeysFile ${join(directory, 'client.pub')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'AllowTcpForwarding remote',
    '',
  ].join('\n');
  await writeFile(join(directory, 'sshd_config'), config);
  const server = new Child([sshd, '-D', '-e', '-f', join(directory, 'sshd_config')], { name: 'sshd' });
  await server.log.waitFor(/Server listening/);
  return server;
}

function startClient(directory: string, port: number, socksPort: number, cipher: string | null): Child {
  const options = [
    'BatchMode=yes',
    'ExitOnForwardFailure=yes',
    'StrictHostKeyChecking=no',
    `UserKnownHostsFile=${join(directory, 'known_hosts')}`,
    'GlobalKnownHostsFile=none',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    ...(cipher === null ? [] : [`Ciphers=${cipher}`]),
  ].flatMap((option) => ['-o', option]);
  const who = `${userInfo().username}@127.0.0.1`;
  const argv = ['ssh', '-F', 'none', '-v', '-N', ...options, '-i', join(directory, 'client')];
  return new Child([...argv, '-p', String(port), '-R', `127.0.0.1:${socksPort}`, who], { name: 'ssh' });
}

/** Answers whether the directory was missing and had to be made. */
async function makeRunDirectory(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  return await mkdir(PRIVILEGE_SEPARATION, { mode: 0o755 }).then(
    () => true,
    () => false,
  );
}
