import { createLogger, type Logger, RealClock } from '@pocketproxy/runtime';
import { AgentError } from './agent-error.ts';
import { buildEgress, interfacePath } from './build-egress.ts';
import type { AgentConfig } from './config.ts';
import type { EgressPath } from './egress/egress-path.ts';
import { RelayAddresses } from './egress/relay-addresses.ts';
import { createPlatform } from './platform/detect.ts';
import { startSessions } from './session/run-session.ts';
import type { AgentIdentity } from './state/identity.ts';
import { acquireRunLock } from './state/run-lock.ts';
import { StateDirectory } from './state/state-directory.ts';
import { stopRequested } from './stop-signal.ts';
import { AGENT_VERSION } from './version.ts';

/** Longer than any part takes to end in order. */
const STOP_TIMEOUT_MS = 5_000;

/**
 * Serves customers until the process is asked to stop.
 * @throws {AgentError} not_paired, already_running, state_unreadable; revoked, when the relay no longer knows us
 */
export async function runAgent(config: AgentConfig): Promise<void> {
  const state = new StateDirectory(config.stateDir);
  const identity = await state.readIdentity();
  if (!identity) {
    throw new AgentError(
      'not_paired',
      `This device is not paired (state directory ${config.stateDir}). ` +
        'Make a pairing code in the dashboard and run: pocketproxy-agent pair <pairingUrl>',
    );
  }
  const lock = await acquireRunLock(state.lockFile, new Date());
  // Also after an uncaught exception.
  process.once('exit', () => lock.release());
  const log = createLogger({ level: config.logLevel });
  endOnUncaught(log);
  await serve(config, identity, log);
}

async function serve(config: AgentConfig, identity: AgentIdentity, log: Logger): Promise<void> {
  const clock = new RealClock();
  const relayAddresses = new RelayAddresses(identity.relayHost, clock, log);
  const egress = buildEgress({ config, identity, relayAddresses, clock, log });
  const tunnelPath = tunnelPathOf(config, log);
  const platform = createPlatform(config.platform, AGENT_VERSION, Math.random);
  log.info({ deviceId: identity.deviceId, platform: platform.name, version: AGENT_VERSION }, 'agent started');

  const revoked = deferred<'revoked'>();
  const stopping = stopRequested();
  const sessions = startSessions({
    state: identity,
    egress,
    platform,
    log,
    clock,
    tunnelLocalAddress: tunnelPath ? (family) => localAddress(tunnelPath, family) : undefined,
    onRelayAddress: (address) => relayAddresses.add(address),
    onRevoked: () => revoked.resolve('revoked'),
  });
  const reason = await Promise.race([stopping, revoked.promise]);
  log.info({ reason }, 'agent is stopping');
  exitWhenStuck(log);
  await sessions.stop();
  await egress.close();
  await tunnelPath?.close();
  relayAddresses.close();
  log.info('agent stopped');
  if (reason === 'revoked') {
    throw new AgentError(
      'revoked',
      'The relay no longer accepts this device: it was removed, or paired anew elsewhere. Pair it again to go on',
    );
  }
}

function tunnelPathOf({ tunnelInterface }: AgentConfig, log: Logger): EgressPath | null {
  if (tunnelInterface === null) return null;
  return interfacePath({
    device: tunnelInterface,
    purpose: 'tunnel',
    gateways: [],
    clock: new RealClock(),
    log,
  });
}

async function localAddress(path: EgressPath, family: 4 | 6): Promise<string> {
  const source = await path.source();
  const address = family === 4 ? source.ipv4 : source.ipv6;
  if (address === null) throw new Error(`The tunnel interface has no IPv${family} address`);
  return address;
}

/** A part that does not end must not keep a supervisor waiting. */
function exitWhenStuck(log: Logger): void {
  setTimeout(() => {
    log.error('stopping took too long');
    process.exit(1);
  }, STOP_TIMEOUT_MS).unref();
}

/** The state of a program that did not expect an error is unknown: a supervisor starts it anew. */
function endOnUncaught(log: Logger): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception');
    process.exit(1);
  });
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
