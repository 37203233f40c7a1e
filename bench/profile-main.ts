/**
 * Says where a program spent its CPU time: `node bench/profile-main.ts <file.cpuprofile> [lines]`. Profiles come from
 * `npm run bench -- --profile <folder>`. Prints self time by function and by file, and inclusive time by function.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Not the program's work. */
const IDLE = new Set(['(idle)', '(root)']);
const DEFAULT_LINES = 40;

function selfTimes({ samples, timeDeltas }: Profile): Map<number, number> {
  const times = new Map<number, number>();
  for (const [index, id] of samples.entries()) times.set(id, (times.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  return times;
}

function placeOf({ url }: ProfileNode['callFrame']): string {
  return url.startsWith('file://') ? relative(process.cwd(), new URL(url).pathname) : url;
}

function labelOf({ callFrame }: ProfileNode): string {
  const place = placeOf(callFrame);
  const name = callFrame.functionName || '(anonymous)';
  return place === '' ? name : `${name}  ${place}:${callFrame.lineNumber + 1}`;
}

/** Adds each node's time to itself and to every function that called it, once for each name. */
function inclusiveTimes(profile: Profile, self: ReadonlyMap<number, number>): Map<string, number> {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const times = new Map<string, number>();
  const visit = (node: ProfileNode, above: ReadonlySet<string>): void => {
    const names = new Set(above).add(labelOf(node));
    const time = self.get(node.id) ?? 0;
    if (time > 0) for (const name of names) times.set(name, (times.get(name) ?? 0) + time);
    for (const child of node.children ?? []) visit(byId.get(child)!, names);
  };
  if (profile.nodes[0]) visit(profile.nodes[0], new Set());
  return times;
}

function print(title: string, times: ReadonlyMap<string, number>, total: number, lines: number): void {
  process.stdout.write(`\n${title}\n`);
  const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, lines);
  for (const [name, time] of sorted) {
    process.stdout.write(`${((time / total) * 100).toFixed(1).padStart(5)} %  ${name}\n`);
  }
}

function report(file: string, lines: number): void {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  const self = selfTimes(profile);
  const busy = profile.nodes.filter(({ callFrame }) => !IDLE.has(callFrame.functionName));
  const byFunction = new Map<string, number>();
  const byFile = new Map<string, number>();
  let total = 0;
  for (const node of busy) {
    const time = self.get(node.id) ?? 0;
    const place = placeOf(node.callFrame) || node.callFrame.functionName;
    total += time;
    byFunction.set(labelOf(node), (byFunction.get(labelOf(node)) ?? 0) + time);
    byFile.set(place, (byFile.get(place) ?? 0) + time);
  }
  process.stdout.write(`${file}: ${(total / 1e6).toFixed(2)} s busy\n`);
  print('self time by function', byFunction, total, lines);
  print('self time by file', byFile, total, lines / 2);
  const inclusive = inclusiveTimes(profile, self);
  for (const name of IDLE) inclusive.delete(name);
  print('time with callees', inclusive, total, lines);
}

const [file, lines = String(DEFAULT_LINES)] = process.argv.slice(2);
if (file === undefined) throw new TypeError('Usage: node bench/profile-main.ts <file.cpuprofile> [lines]');
report(file, Number(lines));
