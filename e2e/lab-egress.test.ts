import { beforeAll, describe, expect, test } from 'vitest';
import { until } from './harness/until.ts';
import { CustomerUdp } from './lab/customer-udp.ts';
import { inTheLab, useLabWorld } from './lab/lab-world.ts';
import { NAMES, PLAN, PORTS } from './lab/network-plan.ts';
import { PacketCapture } from './lab/packet-capture.ts';
import { LAB_UNAVAILABLE } from './lab/requirements.ts';
import { TrafficMeter } from './lab/traffic-meter.ts';
import type { SeenQuestion } from './origins/dns-origin.ts';
import type { SeenRequest } from './origins/web-origin.ts';

const TUNNEL = `ip daddr ${PLAN.vps.ip4} tcp dport 7443`;
/** Everything but the tunnel and the talk of the link itself. */
const LEAKS = `ip or ip6 and not (host ${PLAN.vps.ip4} and tcp port 7443) and not icmp6 and not igmp`;
const ECHO = { host: PLAN.echo.ip4, port: PORTS.udpEcho };

describe.skipIf(LAB_UNAVAILABLE)(inTheLab('the phone'), () => {
  const world = useLabWorld();
  let wifi: TrafficMeter;
  let leaks: PacketCapture;

  beforeAll(async () => {
    if (LAB_UNAVAILABLE) return;
    const { phone } = world().lab.hosts;
    leaks = await PacketCapture.start(phone, 'wlan0', LEAKS);
    wifi = await TrafficMeter.start(phone, 'wlan0', [TUNNEL]);
  });

  /** Nothing but the tunnel has left by Wi-Fi; the captured packets say what did. */
  async function expectNoLeak(): Promise<void> {
    const { other } = await wifi.read();
    expect(leaks.packets).toEqual([]);
    expect(other).toBe(0);
  }

  test('carries the tunnel over wlan0 and customers over rmnet0, over IPv4 and IPv6', async () => {
    const { lab } = world();
    const mobile = await TrafficMeter.start(lab.hosts.phone, 'rmnet0', [TUNNEL]);
    const before = await wifi.read();
    expect((await world().curl(`http://${PLAN.web.ip4}/ip`)).stdout).toBe(lab.mobile.ip4);
    expect((await world().curl(`http://[${PLAN.web.ip6}]/ip`)).stdout).toBe(lab.mobile.ip6);
    expect((await wifi.read()).expected).toBeGreaterThan(before.expected);
    const { expected, other } = await mobile.read();
    expect(other).toBeGreaterThanOrEqual(6);
    expect(expected).toBe(0);
    await mobile.stop();
    await expectNoLeak();
  });

  test('asks its own resolver by rmnet0, and nobody else is asked', async () => {
    const { lab } = world();
    for (const name of [NAMES.web, NAMES.web4, NAMES.web6]) {
      expect((await world().curl(`http://${name}/`)).stdout).toBe('hello\n');
    }
    const https = await world().curl('--cacert', lab.caFile, `https://${NAMES.web}/`);
    expect(https.stdout).toBe('hello\n');
    const socks = await lab.hosts.customer.exec([
      ...['curl', '-sS', '--max-time', '10', '-x', world().proxyUrl('socks5h')],
      `http://${NAMES.web}/ip`,
    ]);
    expect([lab.mobile.ip4, lab.mobile.ip6]).toContain(socks.stdout);
    const asked = await lab.origins<SeenQuestion[]>('phone-questions');
    expect(asked.map(({ name }) => name)).toContain(NAMES.web6);
    expect(new Set(asked.map(({ from }) => from))).toEqual(new Set([lab.mobile.ip4]));
    expect(await lab.origins<SeenQuestion[]>('other-questions')).toEqual([]);
    await expectNoLeak();
  });

  test('carries UDP by rmnet0, to addresses of both families and to names', async () => {
    const { lab } = world();
    const udp = await CustomerUdp.open(world());
    await udp.echo(ECHO, 'over-four');
    await udp.echo({ host: PLAN.echo.ip6, port: PORTS.udpEcho }, 'over-six');
    await udp.echo({ host: NAMES.echo, port: PORTS.udpEcho }, 'by-name');
    await udp.close();
    const senders = await lab.origins<{ from: string }[]>('echo-received');
    expect(new Set(senders.map(({ from }) => from))).toEqual(new Set([lab.mobile.ip4, lab.mobile.ip6]));
    await expectNoLeak();
  });

  test('tells names that do not exist and servers that are silent apart', async () => {
    const status = ['-o', '/dev/null', '-w', '%{http_code} %header{proxy-status}'];
    const missing = await world().curl(...status, `http://${NAMES.missing}/`);
    expect(missing.stdout).toMatch(/^502 .*dns_error/);
    const silent = await world().curl(...status, '--max-time', '30', `http://${NAMES.silent}/`);
    expect(silent.stdout).toMatch(/^504 .*dns_timeout/);
    await expectNoLeak();
  });

  test('refuses all traffic while rmnet0 is down, and nothing leaves by wlan0', async () => {
    const { lab } = world();
    const udp = await CustomerUdp.open(world());
    await udp.echo(ECHO, 'before');
    const download = lab.hosts.customer.spawn([
      ...['curl', '-sS', '--max-time', '20', '-o', '/dev/null', '-w', 'got %{size_download}\n'],
      ...['-x', world().proxyUrl('http'), `http://${PLAN.web.ip4}/endless`],
    ]);
    await until('the download to run', async () =>
      (await lab.origins<SeenRequest[]>('requests')).some(({ url }) => url === '/endless'),
    );
    await lab.mobileDown();
    const ended = download.exited;
    for (const target of [PLAN.web.ip4, `[${PLAN.web.ip6}]`, NAMES.web]) {
      const answer = await world().curl('-o', '/dev/null', '-w', '%{http_code}', `http://${target}/`);
      expect(`${target} ${answer.stdout}`).toBe(`${target} 503`);
    }
    for (const to of [
      ECHO,
      { host: PLAN.echo.ip6, port: PORTS.udpEcho },
      { host: NAMES.echo, port: PORTS.udpEcho },
    ]) {
      udp.order({ do: 'send', to, text: 'while down' });
    }
    // A request after them has passed the same tunnel, so the datagrams have been dealt with.
    await world().curl(`http://${PLAN.web.ip4}/`);
    expect((await ended).code).not.toBe(0);
    expect(udp.texts).not.toContain('while down');
    await udp.close();
    expect(await world().agent.status()).toBe('online');
    await expectNoLeak();
  });

  test('works again when rmnet0 is back', async () => {
    await world().lab.mobileUp();
    await until('traffic to flow again', async () => {
      const { stdout } = await world().curl(`http://${PLAN.web.ip4}/ip`);
      return stdout === world().lab.mobile.ip4;
    });
    await expectNoLeak();
  });

  test('leaves with the new address after a rotation, and refuses while there is none', async () => {
    const { lab } = world();
    await lab.detachMobile();
    const refused = await world().curl('-o', '/dev/null', '-w', '%{http_code}', `http://${PLAN.web.ip4}/`);
    expect(refused.stdout).toBe('503');
    const fresh = await lab.attachMobile(23);
    await until('traffic to leave with the new address', async () => {
      const { stdout } = await world().curl(`http://${PLAN.web.ip4}/ip`);
      return stdout === fresh.ip4;
    });
    expect((await world().curl(`http://[${PLAN.web.ip6}]/ip`)).stdout).toBe(fresh.ip6);
    const exit = await world().curl('http://ip.pocketproxy.internal/');
    expect(JSON.parse(exit.stdout)).toMatchObject({ ip: fresh.ip4 });
    const udp = await CustomerUdp.open(world());
    await udp.echo(ECHO, 'after');
    await udp.close();
    await expectNoLeak();
  });

  test('keeps the tunnel off the mobile network when Wi-Fi is gone', async () => {
    const { lab } = world();
    const mobile = await TrafficMeter.start(lab.hosts.phone, 'rmnet0', [TUNNEL]);
    await lab.wifiDown();
    await until(
      'the phone to be noticed as gone',
      async () => (await world().agent.status()) !== 'online',
      40_000,
    );
    expect((await mobile.read()).expected).toBe(0);
    await lab.wifiUp();
    await world().agent.online(40_000);
    expect((await world().curl(`http://${PLAN.web.ip4}/ip`)).stdout).toBe(lab.mobile.ip4);
    // From here on the phone may ask the relay by rmnet0 which address it has there.
    await mobile.stop();
  });
});
