import { beforeEach, describe, expect, test } from 'vitest';
import { inTheLab } from './lab-world.ts';
import { PLAN } from './network-plan.ts';
import { LAB_UNAVAILABLE } from './requirements.ts';
import { useLab } from './use-lab.ts';

describe.skipIf(LAB_UNAVAILABLE)(inTheLab('the radio of the phone'), () => {
  const lab = useLab();

  beforeEach(async () => {
    if (LAB_UNAVAILABLE === null) await lab().radio.plan(null);
  });

  const radio = (call: string) => lab().hosts.phone.exec([lab().radio.program, call]);

  async function switchOffAndOn(): Promise<void> {
    expect(await radio('off')).toMatchObject({ code: 0 });
    expect(await radio('on')).toMatchObject({ code: 0 });
  }

  /** The address that the web server sees of a request by `rmnet0`; empty when it does not get there in time. */
  async function seen(host: string, withinSeconds = 20): Promise<string> {
    const { stdout } = await lab().hosts.phone.exec([
      ...['curl', '-s', '--max-time', String(withinSeconds), '--interface', 'if!rmnet0'],
      `http://${host}/ip`,
    ]);
    return stdout;
  }

  test('gives rmnet0 other addresses, which the internet sees', async () => {
    const before = lab().mobile;
    await switchOffAndOn();
    const after = lab().mobile;
    expect(after.ip4).not.toBe(before.ip4);
    expect(after.ip6).not.toBe(before.ip6);
    expect(await seen(PLAN.web.ip4)).toBe(after.ip4);
    expect(await seen(`[${PLAN.web.ip6}]`)).toBe(after.ip6);
    expect((await radio('on')).stdout).toContain('was on');
    expect(lab().mobile).toEqual(after);
  });

  test('takes all addresses away while it is off', async () => {
    await radio('off');
    expect(await seen(PLAN.web.ip4, 2)).toBe('');
    expect((await radio('status')).stdout).toContain('not attached');
    await radio('on');
    expect((await radio('status')).stdout).toContain('on, attached');
  });

  test('fails as it is told to', async () => {
    const before = lab().mobile;
    await lab().radio.plan('off-fails');
    expect(await radio('off')).toMatchObject({ code: 1, stderr: 'the modem does not answer\n' });
    expect(await seen(PLAN.web.ip4)).toBe(before.ip4);
    await lab().radio.plan('on-fails', 1);
    await radio('off');
    expect(await radio('on')).toMatchObject({ code: 1 });
    expect(await radio('on')).toMatchObject({ code: 0 });
    expect(lab().mobile).not.toEqual(before);
  });

  test('finds no network, or the old address, when it is told to', async () => {
    const before = lab().mobile;
    await lab().radio.plan('no-network');
    await switchOffAndOn();
    expect(await seen(PLAN.web.ip4, 2)).toBe('');
    await lab().radio.plan('same-address');
    await switchOffAndOn();
    expect(lab().mobile).toEqual(before);
    expect(await seen(PLAN.web.ip4)).toBe(before.ip4);
    expect((await lab().radio.calls()).filter((call) => call === 'off').length).toBeGreaterThan(2);
  });
});
