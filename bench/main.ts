/** `npm run bench`: measures PocketProxy beside its peers on this machine, prints a table, writes `results.json` and its pictures. */
import { resolve } from 'node:path';
import { watchParent } from '@pocketproxy/runtime';
import type { Bench, Ways } from './figures/bench.ts';
import { LoadGenerator } from './load/load-generator.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { findOpenSsh, OpenSsh } from './peers/openssh.ts';
import { PocketProxy, type TreeOptions } from './peers/pocketproxy.ts';
import type { Figure } from './report/figure.ts';
import { machineFacts } from './report/machine.ts';
import { drawPictures } from './report/pictures.ts';
import { readResults, recordResults } from './report/results-file.ts';
import { renderTable } from './report/table.ts';
import { Started } from './started.ts';
import { allSteps, chosenSteps } from './suite.ts';

const started = new Started(say);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function startOpenSsh(cipher: string | null): Promise<OpenSsh | null> {
  const found = await findOpenSsh();
  if (typeof found === 'string') {
    say(`No comparison with OpenSSH: ${found}`);
    return null;
  }
  return await started.add(OpenSsh.start(found.sshd, found.version, cipher)).catch((error: Error) => {
    say(`No comparison with OpenSSH, it did not start: ${error.message}`);
    return null;
  });
}

async function startPocketProxy(
  name: string,
  tree: TreeOptions,
): Promise<{ system: PocketProxy; ways: Ways }> {
  const system = await started.add(PocketProxy.start(name, tree));
  const peer = await system.addPhone('Phone 1');
  return {
    system,
    ways: { socks5: { peer, route: peer.route('socks5') }, http: { peer, route: peer.route('http') } },
  };
}

function sshWays(peer: OpenSsh): Ways {
  const contender = { peer, route: { via: 'socks5', port: peer.socksPort } } as const;
  return { socks5: contender, http: contender };
}

async function run(options: BenchOptions): Promise<undefined> {
  const startedAt = performance.now();
  if (options.picturesOnly) {
    await drawPictures(await readResults());
    return;
  }
  const { effort } = options;
  const openssh = options.against === null ? await startOpenSsh(options.cipher) : null;
  const machine = machineFacts(openssh?.facts ?? null);
  say(JSON.stringify(machine));
  const load = await started.add(LoadGenerator.start());
  const { system, ways } = await startPocketProxy('PocketProxy', {
    nodeArgs: profiling(options.profileDir),
  });
  const other =
    options.against === null ? null : await startPocketProxy('other tree', { tree: options.against });
  const bench: Bench = {
    load,
    effort,
    started,
    ours: ways,
    peer: other?.ways ?? (openssh && sshWays(openssh)),
    direct: { peer: null, route: { via: 'direct', port: load.originPort } },
  };
  const figures: Figure[] = [];
  for (const step of chosenSteps(allSteps(bench, system), options)) {
    say(`measuring ${step.ids.join(', ')} (${seconds(startedAt)} s)`);
    figures.push(...(await step.measure()));
  }
  say(`\n${renderTable(figures)}\n\n${effort.rounds} rounds, ${seconds(startedAt)} s`);
  if (!isComparable(options)) return;
  await drawPictures(
    await recordResults(figures, { at: new Date().toISOString(), rounds: effort.rounds, machine }),
  );
}

/** Makes Node write a CPU profile for each program when it ends. */
function profiling(directory: string | null): TreeOptions['nodeArgs'] {
  if (directory === null) return undefined;
  return (program) => [
    '--cpu-prof',
    `--cpu-prof-dir=${resolve(directory)}`,
    `--cpu-prof-name=${program}.cpuprofile`,
  ];
}

/** Another peer, a short run or one that is watched must not replace results. */
function isComparable({ against, quick, profileDir }: BenchOptions): boolean {
  return against === null && !quick && profileDir === null;
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 1000);
}

/** Resolves, with the reason, when the bench is told to stop or whoever started it has vanished. */
function interruption(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      // Told again, it is stopping already.
      process.on(signal, () => resolve(`Stopped by ${signal}`));
    }
    watchParent(() => resolve('Stopped: what started the bench is gone'));
  });
}

let options: BenchOptions;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
  process.exit(2);
}
try {
  const reason = await Promise.race([run(options), interruption()]);
  if (reason !== undefined) {
    process.stderr.write(`${reason}\n`);
    process.exitCode = 1;
  }
} finally {
  await started.stopAll();
}
// A run that was stopped still waits for answers that will not come.
process.exit();
