import type { ListenAddress } from './config-values.ts';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has this port',
  EACCES: 'ports below 1024 need root or CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'this host has no such address',
  ENOTFOUND: 'this name has no address',
};

/** A service could not open its port. Names the setting that would change it. */
export class ListenError extends Error {
  readonly setting: string;

  constructor(setting: string, { host, port }: ListenAddress, reason: string, cause: unknown) {
    super(`Cannot listen on ${host}:${port}: ${reason}. Choose another address with ${setting}.`, { cause });
    this.name = 'ListenError';
    this.setting = setting;
  }
}

/** Runs `start`, and explains its failure if that is about the address. @throws {ListenError} */
export async function explainListen<T>(
  setting: string,
  address: ListenAddress,
  start: () => Promise<T>,
): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    const reason = REASONS[code ?? ''];
    if (reason === undefined || (syscall !== 'listen' && syscall !== 'bind' && syscall !== 'getaddrinfo'))
      throw error;
    throw new ListenError(setting, address, reason, error);
  }
}
