import { expect, test } from 'vitest';
import { Child } from '../../e2e/harness/child.ts';
import { cpuSecondsOfTree, residentBytesOfTree } from './process-usage.ts';

const BURN = 'const end = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < end);';
const WAIT = 'console.log("done"); process.stdin.on("end", () => process.exit()).resume();';

test.skipIf(process.platform !== 'linux')(
  'a child counts with its parent, while it lives and after',
  async () => {
    const script = `
    const { spawnSync, spawn } = require('node:child_process');
    spawnSync(process.execPath, ['-e', ${JSON.stringify(BURN)}]);
    spawn(process.execPath, ['-e', ${JSON.stringify(BURN + WAIT)}], { stdio: ['pipe', 'inherit', 'inherit'] });
    process.stdin.on('end', () => process.exit()).resume();`;
    const child = new Child([process.execPath, '-e', script]);
    await child.log.waitFor(/done/);
    const tree = cpuSecondsOfTree(child.pid);
    const ended = 0.3;
    const living = 0.3;
    expect(tree).toBeGreaterThanOrEqual(ended + living - 0.03);
    expect(residentBytesOfTree(child.pid)).toBeGreaterThan(2 * 10_000_000);
    await child.kill();
    expect(cpuSecondsOfTree(child.pid)).toBe(0);
  },
);
