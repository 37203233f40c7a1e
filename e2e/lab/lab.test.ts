import { describe, expect, test } from 'vitest';
import type { SeenQuestion } from '../origins/dns-origin.ts';
import { generatedSha256 } from '../origins/generated-bytes.ts';
import type { SeenRequest } from '../origins/web-origin.ts';
import { NAMES, PLAN } from './network-plan.ts';
import { PacketCapture } from './packet-capture.ts';
import { LAB_UNAVAILABLE } from './requirements.ts';
import { dropSilently, stopDropping } from './silent-drop.ts';
import { TrafficMeter } from './traffic-meter.ts';
import { useLab } from './use-lab.ts';

const CURL = ['curl', '-sS', '--max-time', '5'];

describe.skipIf(LAB_UNAVAILABLE)(`the lab${LAB_UNAVAILABLE ? ` (skipped: ${LAB_UNAVAILABLE})` : ''}`, () => {
  const lab = useLab();

  test('the phone reaches the internet by Wi-Fi unless it asks for the mobile network', async () => {
    const { phone } = lab().hosts;
    expect(await phone.run([...CURL, `http://${PLAN.web.ip4}/ip`])).toBe(PLAN.wifi.ip4);
    expect(await phone.run([...CURL, `http://[${PLAN.web.ip6}]/ip`])).toBe(PLAN.wlan0.ip6);
    for (const by of [PLAN.rmnet0.ip4, 'if!rmnet0']) {
      expect(await phone.run([...CURL, '--interface', by, `http://${PLAN.web.ip4}/ip`])).toBe(
        PLAN.rmnet0.ip4,
      );
    }
    expect(await phone.run([...CURL, '--interface', PLAN.rmnet0.ip6, `http://[${PLAN.web.ip6}]/ip`])).toBe(
      PLAN.rmnet0.ip6,
    );
  });

  test('the customer reaches the VPS by both families', async () => {
    const { customer, vps } = lab().hosts;
    const server = vps.spawn(['nc', '-lk', '-v', '-n', '::', '9000']);
    await server.log.waitFor(/Listening/);
    await customer.run(['nc', '-z', '-w', '5', PLAN.vps.ip4, '9000']);
    await customer.run(['nc', '-z', '-w', '5', PLAN.vps.ip6, '9000']);
  });

  test('only the phone knows the names of the origins', async () => {
    const { phone, customer } = lab().hosts;
    expect(await phone.run([...CURL, '--cacert', lab().caFile, `https://${NAMES.web}/`])).toBe('hello\n');
    const foreign = await customer.exec([...CURL, `http://${NAMES.web}/`]);
    expect(foreign.stderr).toContain('Could not resolve host');
    const asked = await lab().origins<SeenQuestion[]>('other-questions');
    expect(asked).toContainEqual(expect.objectContaining({ from: PLAN.customer.ip4, name: NAMES.web }));
  });

  test('origins send what a hash can check, and tell what they saw', async () => {
    const { phone } = lab().hosts;
    const sum = await phone.run([
      'sh',
      '-c',
      `curl -sS http://${PLAN.web.ip4}/bytes/1000000?seed=x | sha256sum`,
    ]);
    expect(sum.slice(0, 64)).toBe(generatedSha256('x', 1_000_000));
    const seen = await lab().origins<SeenRequest[]>('requests');
    expect(seen).toContainEqual(
      expect.objectContaining({ url: '/bytes/1000000?seed=x', from: PLAN.wifi.ip4 }),
    );
  });

  test('a meter counts what leaves by an interface, and a capture shows it', async () => {
    const { phone } = lab().hosts;
    const capture = await PacketCapture.start(phone, 'wlan0', `host ${PLAN.web.ip4}`);
    const meter = await TrafficMeter.start(phone, 'wlan0', [`ip daddr ${PLAN.vps.ip4}`]);
    expect(await meter.read()).toEqual({ expected: 0, other: 0 });
    await phone.exec(['nc', '-z', '-w', '1', PLAN.vps.ip4, '1']);
    expect(await meter.read()).toEqual({ expected: 1, other: 0 });
    await phone.run([...CURL, `http://${PLAN.web.ip4}/`]);
    expect((await meter.read()).other).toBeGreaterThan(4);
    await phone.run([...CURL, `http://[${PLAN.web.ip6}]/`]);
    expect((await meter.read()).other).toBeGreaterThan(8);
    await capture.waitFor(/GET \/ HTTP/);
    expect(capture.packets.length).toBeGreaterThan(4);
    await capture.stop();
    await meter.stop();
  });

  test('the mobile network goes away and comes back, also with another address', async () => {
    const { phone } = lab().hosts;
    const byMobile = (): Promise<{ code: number | null; stdout: string }> =>
      phone.exec([...CURL, '--interface', 'if!rmnet0', `http://${PLAN.web.ip4}/ip`]);
    await lab().mobileDown();
    expect((await byMobile()).code).not.toBe(0);
    await lab().mobileUp();
    expect((await byMobile()).stdout).toBe(PLAN.rmnet0.ip4);
    await lab().detachMobile();
    const fresh = await lab().attachMobile(11);
    expect((await byMobile()).stdout).toBe(fresh.ip4);
    expect(fresh.ip4).not.toBe(PLAN.rmnet0.ip4);
  });

  test('a silent host swallows packets without an answer', async () => {
    const { customer, wifi, phone } = lab().hosts;
    await dropSilently(wifi);
    const lost = await phone.exec([...CURL, '--max-time', '1', `http://${PLAN.web.ip4}/`]);
    expect(lost.code).toBe(28);
    await stopDropping(wifi);
    expect(await phone.run([...CURL, `http://${PLAN.web.ip4}/`])).toBe('hello\n');
    expect(await customer.run([...CURL, `http://${PLAN.web.ip4}/`])).toBe('hello\n');
  });
});
