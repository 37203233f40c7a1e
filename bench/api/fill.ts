/** Fills the database of a server by SQL, in the order of time in which a server would have written the rows. */
import type postgres from 'postgres';
import { bulkLoad } from './bulk-load.ts';
import type { DatasetSize } from './dataset.ts';

type Say = (text: string) => void;

/** Fills an empty database, unless it was filled before. The server must have registered its relay. */
export async function fillDatabase(sql: postgres.Sql, size: DatasetSize, say: Say): Promise<void> {
  const [found] = await sql`select count(*)::int as devices from devices`;
  if (found?.devices > 0) {
    say(`The database has ${found?.devices} devices already and is used as it is`);
    return;
  }
  for (const [name, fill] of steps(sql, size)) {
    const startedAt = performance.now();
    await fill();
    say(`filled ${name} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }
}

function steps(sql: postgres.Sql, size: DatasetSize): [string, () => Promise<unknown>][] {
  return [
    ['organizations, devices and connections', () => fillThings(sql, size)],
    ['usage_hourly', () => fillUsage(sql, size)],
    ['device_metrics', () => fillSamples(sql, size)],
    ['rotations and addresses', () => fillRotations(sql, size)],
    ['commands, statuses and links', () => fillDeviceWork(sql, size)],
    ['notifications and audit log', () => fillMessages(sql, size)],
    ['statistics', () => sql`vacuum (analyze)`],
  ];
}

async function fillThings(sql: postgres.Sql, { customers, devices, connectionsPerDevice }: DatasetSize) {
  await sql`
    insert into organization (id, name, slug, created_at)
    select left(md5('customer' || n), 32), 'Customer ' || n, 'customer-' || n, now() - interval '1 year'
    from generate_series(1, ${customers}) n`;
  // The first organization is the operator's own.
  await sql`
    insert into devices (id, organization_id, relay_id, name, key_fingerprint, platform, model, os_version,
      agent_version, capabilities, carrier, network_type, signal_dbm, battery_percent, battery_charging, exit_ip,
      exit_ip_at, last_seen_at, logged_status, created_at)
    select uuidv7(interval '-1 year' + n * interval '1 minute'),
      (select id from organization order by created_at desc, id offset n % ${customers + 1} limit 1),
      (select id from relays limit 1), 'Phone ' || n, encode(sha256(n::text::bytea), 'hex'), 'termux', 'Pixel 8a',
      '16', '0.1.0', '{tcp,udp,dns,rotate_ip,reboot}', 'Carrier ' || n % 5, '5G', -70 - n % 40, n % 100, true,
      '100.70.' || n / 250 || '.' || n % 250, now(), now(), 'online', now() - interval '1 year'
    from generate_series(1, ${devices}) n`;
  await sql`
    insert into connections (id, organization_id, device_id, relay_id, name, port, username, credential_scheme,
      credential_hash, quota_bytes, quota_period, quota_period_start, used_bytes, speed_limit_mbps, created_at)
    select uuidv7(interval '-1 year' + interval '2 days' + row_number() over (order by n, d.id) * interval '1 second'),
      d.organization_id, d.id, d.relay_id, d.name || ' access ' || n,
      (select first_port from relays limit 1) - 1 + row_number() over (order by n, d.id),
      'pp-' || left(md5(d.id::text || n), 12), 'hmac-sha256', encode(sha256((d.id::text || n)::bytea), 'hex'),
      200000000000, 'month', date_trunc('month', now(), 'UTC'), (random() * 2e11)::bigint, 50, now() - interval '1 year'
    from devices d cross join generate_series(1, ${connectionsPerDevice}) n`;
  await sql`analyze`;
}

async function fillUsage(sql: postgres.Sql, { daysOfUsage }: DatasetSize) {
  await bulkLoad(sql, 'usage_hourly', (tx) =>
    tx.unsafe(`
      do $$ declare at timestamptz; begin
        for at in select generate_series(date_trunc('hour', now()) - interval '${daysOfUsage * 24 - 1} hours',
          date_trunc('hour', now()), interval '1 hour')
        loop
          insert into usage_hourly (connection_id, hour, device_id, organization_id, bytes_up, bytes_down)
          select id, at, device_id, organization_id, (random() * 5e6)::bigint, (random() * 1e8)::bigint
          from connections order by device_id, id;
        end loop;
      end $$`),
  );
  await sql`
    update connections set counted_up = sums.up, counted_down = sums.down
    from (select connection_id, sum(bytes_up) as up, sum(bytes_down) as down from usage_hourly group by 1) sums
    where connections.id = connection_id`;
  // A year of days, the last ones with the same bytes as their hours.
  await bulkLoad(sql, 'usage_daily', (tx) =>
    tx.unsafe(`
      insert into usage_daily (connection_id, day, device_id, organization_id, bytes_up, bytes_down)
      select id, current_date - d, device_id, organization_id, (random() * 1e8)::bigint, (random() * 2e9)::bigint
      from generate_series(365, ${daysOfUsage + 1}, -1) d
      cross join (select * from connections order by device_id, id) c
      union all (
        select connection_id, (hour at time zone 'UTC')::date as day, device_id, organization_id, sum(bytes_up),
          sum(bytes_down)
        from usage_hourly group by 1, 2, 3, 4 order by day, device_id, connection_id)`),
  );
}

async function fillSamples(sql: postgres.Sql, { daysOfSamples }: DatasetSize) {
  await bulkLoad(sql, 'device_metrics', (tx) =>
    tx.unsafe(`
      do $$ declare n int; begin
        for n in reverse ${daysOfSamples * 288 - 1}..1 loop
          insert into device_metrics (device_id, at, signal_dbm, battery_percent, battery_charging, network_type,
            wifi_bytes_up, wifi_bytes_down, mobile_bytes_up, mobile_bytes_down)
          select id, date_bin('5 minutes', now(), '2000-01-01Z') - n * interval '5 minutes', -70 - random() * 40,
            n % 100, true, '5G', (5000 - n) * 1000000::bigint, (5000 - n) * 9000000::bigint,
            (5000 - n) * 900000::bigint, (5000 - n) * 8000000::bigint
          from devices;
        end loop;
      end $$`),
  );
}

async function fillRotations(sql: postgres.Sql, { rotationsPerDevice, addressesPerDevice }: DatasetSize) {
  await bulkLoad(sql, 'rotations', (tx) =>
    tx.unsafe(`
      insert into rotations (id, organization_id, device_id, status, step, trigger, attempt, hold_seconds, old_ip,
        new_ip, created_at, started_at, finished_at, duration_ms)
      select uuidv7(-age), d.organization_id, d.id, case when n % 20 = 0 then 'failed' else 'succeeded' end,
        'finished', 'schedule', 1, 4, '100.70.1.' || n % 250, '100.70.2.' || n % 250, now() - age,
        now() - age, now() - age + interval '9 seconds', 9000
      from generate_series(${rotationsPerDevice}, 1, -1) n cross join devices d
      cross join lateral (select n * interval '90 days' / ${rotationsPerDevice} as age) ages`),
  );
  await sql`
    insert into ip_history (id, organization_id, device_id, ip, previous_ip, trigger, rotation_id, at, duration_ms)
    select uuidv7(r.created_at - now()), organization_id, device_id, new_ip, old_ip, trigger, id, finished_at, duration_ms
    from (select *, row_number() over (partition by device_id order by id desc) as n from rotations) r
    where n <= ${addressesPerDevice} order by finished_at`;
}

async function fillDeviceWork(
  sql: postgres.Sql,
  { commandsPerDevice, statusesPerDevice, linksPerDevice }: DatasetSize,
) {
  await sql`
    insert into commands (id, organization_id, device_id, type, status, output, created_at, sent_at, finished_at, expires_at)
    select uuidv7(-age), organization_id, d.id, 'find_phone', 'succeeded', 'It rang', now() - age, now() - age,
      now() - age + interval '1 second', now() - age + interval '1 hour'
    from generate_series(${commandsPerDevice}::int, 1, -1) n cross join devices d
    cross join lateral (select n * interval '90 days' / ${commandsPerDevice}::int as age) ages`;
  await sql`
    insert into device_status_log (device_id, at, status)
    select id, now() - n * interval '90 days' / ${statusesPerDevice}::int,
      case when n % 2 = 1 then 'online' when n % 4 = 0 then 'offline' else 'reconnecting' end
    from generate_series(${statusesPerDevice}::int, 1, -1) n cross join devices`;
  await sql`
    insert into rotation_links (id, organization_id, device_id, name, token_hash, token_hint)
    select uuidv7(), organization_id, id, name || ' link ' || n, md5(id::text || n), left(md5(id::text), 6)
    from devices cross join generate_series(1, ${linksPerDevice}) n`;
}

async function fillMessages(
  sql: postgres.Sql,
  { channels, deliveriesPerChannel, auditEntries }: DatasetSize,
) {
  await sql`
    insert into notification_channels (id, organization_id, name, type, target, events, enabled)
    select uuidv7(), (select organization_id from devices limit 1), 'Channel ' || n, 'email',
      'channel-' || n || '@example.com', '{device.offline,device.recovered}', false
    from generate_series(1, ${channels}) n`;
  await sql`
    insert into notification_deliveries (id, organization_id, channel_id, event, dedupe_key, payload, status, attempts,
      created_at, delivered_at)
    select uuidv7(-age), organization_id, c.id, 'device.offline', 'offline:' || n,
      jsonb_build_object('deviceId', c.id, 'deviceName', 'Phone ' || n, 'offlineSince', now() - age), 'delivered', 1,
      now() - age, now() - age
    from generate_series(${deliveriesPerChannel}::int, 1, -1) n cross join notification_channels c
    cross join lateral (select n * interval '30 days' / ${deliveriesPerChannel}::int as age) ages`;
  await sql`
    insert into audit_log (id, at, organization_id, actor_type, actor_id, actor_name, address, action, target_type,
      target_id, before, after)
    select uuidv7(-age), now() - age, organization_id, 'user', 'user-' || n % 40, 'user-' || n % 40 || '@example.com',
      '192.0.2.1', case when n % 50 = 0 then 'device.update' else 'connection.update' end,
      case when n % 50 = 0 then 'device' else 'connection' end, c.id::text, '{"maxFlows": 10}', '{"maxFlows": 20}'
    from (select n, n * interval '365 days' / ${auditEntries}::int as age from generate_series(${auditEntries}::int, 1, -1) n) rows
    join (select id, organization_id, row_number() over () as k from connections) c
      on c.k = 1 + n % (select count(*) from connections)
    order by n desc`;
}
