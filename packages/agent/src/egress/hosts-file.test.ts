import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@pocketproxy/runtime';
import { describe, expect, it } from 'vitest';
import { HostsFile } from './hosts-file.ts';

describe("the host's own names", () => {
  it('come from the hosts file, which is read again after a while', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agent-hosts-'));
    const path = join(folder, 'hosts');
    const clock = new FakeClock();
    await writeFile(path, '# names\n10.0.0.1  Web.Example web # first\n::1 web\nnonsense web\n');
    const hosts = new HostsFile(clock, path);
    expect(hosts.addresses('web.example')).toEqual(['10.0.0.1']);
    expect(hosts.addresses('web')).toEqual(['10.0.0.1', '::1']);
    await writeFile(path, '');
    expect(hosts.addresses('web')).toHaveLength(2);
    clock.advance(6_000);
    expect(hosts.addresses('web')).toEqual([]);
    await rm(folder, { recursive: true });
    clock.advance(6_000);
    expect(hosts.addresses('web')).toEqual([]);
  });
});
