import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  CreatedNotificationChannel,
  NotificationDeliveryView,
  NotificationTestView,
  UptimeView,
} from '@pocketproxy/protocol/api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from './harness/free-ports.ts';
import { openServerDatabase } from './harness/server-database.ts';
import { pairAgent, TestAgent } from './harness/test-agent.ts';
import { TestServer } from './harness/test-server.ts';
import { until } from './harness/until.ts';
import { MailServer } from './origins/mail-server.ts';
import { isGenuine, WebhookReceiver } from './origins/webhook-receiver.ts';

const EVENTS = ['device.offline', 'device.recovered', 'device.paired'];
/** A message that was taken by a process that died is due again when its lease of 20 seconds is over. */
const LEASE_MS = 45_000;

describe('notifications', () => {
  let server: TestServer;
  let mail: MailServer;
  let receiver: WebhookReceiver;
  let webhook: CreatedNotificationChannel;
  const stateDirs: string[] = [];
  const agents: TestAgent[] = [];

  beforeAll(async () => {
    mail = new MailServer(await freePort());
    receiver = new WebhookReceiver(await freePort());
    server = await TestServer.start({
      env: {
        POCKETPROXY_SMTP_URL: mail.url,
        POCKETPROXY_MAIL_FROM: '"Proxies, Ltd." <alerts@proxy.example>',
        POCKETPROXY_WEBHOOK_ALLOW_PRIVATE: 'on',
      },
    });
    const channel = { name: 'Ops', events: EVENTS };
    const target = receiver.url;
    webhook = await server.api.call('POST', '/notification-channels', {
      ...channel,
      type: 'webhook',
      target,
    });
    const email = { ...channel, type: 'email', target: 'ops@example.com' };
    await server.api.call('POST', '/notification-channels', email);
  });
  afterAll(async () => {
    await server?.destroy();
    await Promise.all(stateDirs.map((dir) => rm(dir, { recursive: true, force: true })));
  });

  beforeEach(async () => {
    await Promise.all([mail.start(), receiver.start()]);
    receiver.silent = false;
    mail.taken.length = 0;
    receiver.received.length = 0;
  });
  afterEach(async () => {
    await Promise.all([mail.stop(), receiver.stop()]);
    for (const agent of agents.splice(0)) {
      await agent.destroy();
      // It would be told to be offline two minutes from now, in the middle of another test.
      await server.api.call('DELETE', `/devices/${agent.deviceId}`);
    }
  });

  /** Makes something happen that is told: pairs a phone, which then never connects. */
  async function pair(name: string): Promise<void> {
    const stateDir = await mkdtemp(join(tmpdir(), 'pp-agent-'));
    stateDirs.push(stateDir);
    const { pairingUrl } = await server.api.createPairingCode({ name });
    const { code } = await pairAgent(pairingUrl, stateDir).exited;
    expect(code).toBe(0);
  }

  async function deliveries({ id } = webhook): Promise<readonly NotificationDeliveryView[]> {
    const path = `/notification-channels/${id}/deliveries`;
    return (await server.api.call<{ items: NotificationDeliveryView[] }>('GET', path)).items;
  }

  /** Waits until nothing is on its way any more, so that a message too many would have been seen; or only so many. */
  async function settled(pending = 0): Promise<void> {
    const sql = openServerDatabase(server);
    try {
      await until(`all but ${pending} messages to be delivered`, async () => {
        const rows = await sql`select 1 from notification_deliveries where status = 'pending'`;
        return rows.length === pending;
      });
    } finally {
      await sql.end();
    }
  }

  test('tell of a phone that dies and comes back, once each, by mail and by webhook', async () => {
    const agent = await TestAgent.start(server, 'Berlin\r\nBcc: x@evil.example');
    agents.push(agent);
    await until('the pairing to be told', () => receiver.received.length > 0 && mail.taken.length > 0);
    const sql = openServerDatabase(server);
    await agent.end('SIGKILL');
    await until('the loss of the tunnel', async () => (await agent.status()) !== 'online');
    const lastSeenAt = new Date(Date.now() - 120_000);
    await until('the outage to be told', async () => {
      // More than once: the relay may be about to write the phone's last report.
      await sql`update devices set last_seen_at = ${lastSeenAt} where id = ${agent.deviceId}`;
      return receiver.received.length > 1 && mail.taken.length > 1;
    });
    expect(await agent.status()).toBe('offline');
    agent.launch();
    await until('the recovery to be told', () => receiver.received.length > 2 && mail.taken.length > 2);
    await settled();
    await sql.end();

    expect(receiver.types()).toEqual(['device.paired', 'device.offline', 'device.recovered']);
    const name = 'Berlin Bcc: x@evil.example';
    expect(mail.subjects()).toEqual([`${name} was paired`, `${name} is offline`, `${name} is online again`]);
    for (const one of receiver.received) {
      expect(isGenuine(one, webhook.secret!)).toBe(true);
      expect(isGenuine({ ...one, body: `${one.body} ` }, webhook.secret!)).toBe(false);
      expect(one.data).toMatchObject({ deviceId: agent.deviceId });
    }
    for (const { recipients, mail: taken } of mail.taken) {
      expect(recipients).toEqual(['ops@example.com']);
      expect(taken.from?.value).toEqual([{ name: 'Proxies, Ltd.', address: 'alerts@proxy.example' }]);
      expect(taken.headers.has('bcc')).toBe(false);
      expect(taken.text).toContain(name);
      expect(taken.html).toContain(name);
    }

    const uptime = await server.api.call<UptimeView>('GET', `/devices/${agent.deviceId}/uptime`);
    expect(uptime.items.map(({ status }) => status)).toEqual(expect.arrayContaining(['offline', 'online']));
    expect(uptime.items.at(-1)?.status).toBe('online');
    expect(uptime.onlinePercent).toBeGreaterThan(0);
  });

  test('wait for receivers that are away, and then arrive once', async () => {
    await Promise.all([mail.stop(), receiver.stop()]);
    await pair('Patient');
    const waiting = await until('the first attempt to fail', async () => {
      const [latest] = await deliveries();
      return latest?.status === 'pending' && latest.lastError !== null && latest;
    });
    expect(waiting.lastError).toBe('The host refused the connection');
    await Promise.all([mail.start(), receiver.start()]);
    await until('both messages', () => receiver.received.length > 0 && mail.taken.length > 0, 30_000);
    await settled();
    expect([receiver.types(), mail.subjects()]).toEqual([['device.paired'], ['Patient was paired']]);
    const delivered = (await deliveries()).find(({ id }) => id === waiting.id);
    expect(delivered).toMatchObject({ status: 'delivered', nextAttemptAt: null });
    expect(delivered!.attempts).toBeGreaterThan(1);
  });

  test('that wait survive kill -9 of the server', { timeout: 90_000 }, async () => {
    await Promise.all([mail.stop(), receiver.stop()]);
    await pair('Survivor');
    await server.end('SIGKILL');
    await Promise.all([mail.start(), receiver.start()]);
    await server.launch();
    await until('both messages', () => receiver.received.length > 0 && mail.taken.length > 0, LEASE_MS);
    await settled();
    expect([receiver.types(), mail.subjects()]).toEqual([['device.paired'], ['Survivor was paired']]);
  });

  test('that are being sent survive kill -9 of the server, with the same id', {
    timeout: 90_000,
  }, async () => {
    receiver.silent = true;
    await pair('Half sent');
    await until('the message to arrive', () => receiver.received.length > 0);
    // A mail whose end the server did not see would be sent once more.
    await settled(1);
    await server.end('SIGKILL');
    receiver.silent = false;
    await server.launch();
    await until('the message to arrive again', () => receiver.received.length > 1, LEASE_MS);
    await settled();
    const [first, second, ...more] = receiver.received;
    expect(more).toEqual([]);
    expect([second!.id, second!.body]).toEqual([first!.id, first!.body]);
    expect(mail.subjects()).toEqual(['Half sent was paired']);
  });

  test('can be tried by mail and by webhook', async () => {
    const { items } = await server.api.call<{ items: { id: string }[] }>('GET', '/notification-channels');
    for (const { id } of items) {
      const outcome = await server.api.call<NotificationTestView>(
        'POST',
        `/notification-channels/${id}/test`,
      );
      expect(outcome).toMatchObject({ delivered: true, error: null });
    }
    expect([receiver.types(), mail.subjects()]).toEqual([['channel.test'], ['Test message']]);
  });

  test('to a mailbox that does not exist are given up at once', async () => {
    const gone = await server.api.call<CreatedNotificationChannel>('POST', '/notification-channels', {
      ...{ type: 'email', name: 'Gone', target: mail.unknownRecipient, events: ['device.paired'] },
    });
    await pair('Unread');
    const [delivery] = await until('the end of the attempt', async () => {
      const all = await deliveries(gone);
      return all[0]?.status !== 'pending' && all;
    });
    expect(delivery).toMatchObject({
      ...{ status: 'failed', attempts: 1, lastError: 'The mail server answered: 550 No such mailbox' },
    });
    await server.api.call('DELETE', `/notification-channels/${gone.id}`);
  });

  test('are not all that goes by mail: invitations do, too', async () => {
    const body = { email: 'new@example.com', role: 'operator' };
    const invited = await server.api.call<{ url: string; emailed: boolean }>('POST', '/invitations', body);
    expect(invited.emailed).toBe(true);
    expect(mail.taken).toMatchObject([
      { recipients: ['new@example.com'], mail: { subject: 'You are invited to PocketProxy' } },
    ]);
    expect(mail.taken[0]?.mail.text).toContain(invited.url);
    expect(mail.taken[0]?.mail.html).toContain(`href="${invited.url}"`);
  });

  test('leave no password of the mail server in the log', () => {
    expect(server.child.log.tail(100_000)).not.toMatch(/mail canary|mail%20canary|whsec_/);
  });
});

describe('webhooks', () => {
  test('reach no private address by default, whatever name it has', async () => {
    const port = await freePort();
    const canary = new WebhookReceiver(port);
    const server = await TestServer.start();
    try {
      await canary.start('0.0.0.0');
      // The name of this host, which leads to one of its own addresses.
      const target = `http://${hostname()}:${port}/`;
      const channel = { type: 'webhook', name: 'Inside', target, events: EVENTS };
      const { id } = await server.api.call<CreatedNotificationChannel>(
        'POST',
        '/notification-channels',
        channel,
      );
      const outcome = await server.api.call<NotificationTestView>(
        'POST',
        `/notification-channels/${id}/test`,
      );
      expect(outcome).toMatchObject({
        delivered: false,
        error: expect.stringMatching(/refused: a .* address/),
      });
      expect(canary.received).toEqual([]);
    } finally {
      await canary.stop();
      await server.destroy();
    }
  });
});
