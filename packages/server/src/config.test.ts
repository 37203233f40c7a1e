import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, childEnvironment, type Environment, loadConfig } from './config.ts';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pocketproxy-config-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

function load(environment: Environment = {}) {
  return loadConfig({ POCKETPROXY_DATA_DIR: dataDir, ...environment });
}

function problemsOf(environment: Environment) {
  try {
    load(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('The settings were accepted');
}

describe('settings', () => {
  test('have defaults that need nothing from outside', () => {
    expect(load()).toMatchObject({
      dataDir,
      role: 'all',
      httpListen: { host: '127.0.0.1', port: 8080 },
      tunnelListen: { host: '127.0.0.1', port: 7443 },
      proxyListen: '127.0.0.1',
      portRange: { first: 30000, last: 39999 },
      flowIdleSeconds: 300,
      vpnListen: { host: '127.0.0.1', port: 1194 },
      publicHost: '127.0.0.1',
      publicUrl: 'http://127.0.0.1:8080',
      databaseUrl: null,
      logLevel: null,
      unknownNames: [],
    });
  });

  test('come from .env in the data directory, and the environment wins', () => {
    writeFileSync(join(dataDir, '.env'), 'POCKETPROXY_ROLE=relay\nPOCKETPROXY_PUBLIC_HOST="vps.example"\n');
    const config = load({ POCKETPROXY_ROLE: 'control', DATABASE_URL: 'postgres://db/pocketproxy' });
    expect(config.role).toBe('control');
    expect(config.publicHost).toBe('vps.example');
  });

  test('that are empty count as not set', () => {
    writeFileSync(join(dataDir, '.env'), 'POCKETPROXY_ROLE=relay\n');
    const url = 'postgres://db/pocketproxy';
    expect(load({ POCKETPROXY_ROLE: '', DATABASE_URL: url }).role).toBe('relay');
    expect(load({ POCKETPROXY_ROLE: 'all', DATABASE_URL: '' }).databaseUrl).toBeNull();
  });

  test('that are wrong are reported together, each with name, value and what is accepted', () => {
    const error = problemsOf({
      POCKETPROXY_ROLE: 'both',
      POCKETPROXY_HTTP_LISTEN: 'localhost',
      POCKETPROXY_PORT_RANGE: '40000-30000',
      POCKETPROXY_VPN_SUBNET: '10.66.0.1/16',
      POCKETPROXY_LOG_LEVEL: 'loud',
    });
    expect(error.problems.map((p) => [p.name, p.value])).toEqual([
      ['POCKETPROXY_ROLE', 'both'],
      ['POCKETPROXY_HTTP_LISTEN', 'localhost'],
      ['POCKETPROXY_PORT_RANGE', '40000-30000'],
      ['POCKETPROXY_VPN_SUBNET', '10.66.0.1/16'],
      ['POCKETPROXY_LOG_LEVEL', 'loud'],
    ]);
    expect(error.message).toContain('POCKETPROXY_ROLE=both\n    accepted: all, control or relay');
  });

  test('that are secret are not repeated when they are wrong', () => {
    const error = problemsOf({
      DATABASE_URL: 'mysql://root:canary@db',
      POCKETPROXY_ADMIN_PASSWORD: 'canary',
    });
    expect(error.problems).toHaveLength(2);
    expect(error.message).not.toContain('canary');
  });

  test('accept IPv6 in brackets', () => {
    expect(load({ POCKETPROXY_HTTP_LISTEN: '[::1]:9000' })).toMatchObject({
      httpListen: { host: '::1', port: 9000 },
      publicUrl: 'http://[::1]:9000',
    });
  });

  test('give a usable URL when listening on every address', () => {
    const config = load({ POCKETPROXY_HTTP_LISTEN: '0.0.0.0:80', POCKETPROXY_PUBLIC_HOST: 'vps.example' });
    expect(config.publicUrl).toBe('http://vps.example:80');
  });

  test('can turn OpenVPN off', () => {
    expect(load({ POCKETPROXY_VPN_LISTEN: 'off' }).vpnListen).toBeNull();
  });

  test('want a port for OpenVPN that stays the same', () => {
    const error = problemsOf({ POCKETPROXY_VPN_LISTEN: '127.0.0.1:0' });
    expect(error.problems).toMatchObject([{ name: 'POCKETPROXY_VPN_LISTEN', value: '127.0.0.1:0' }]);
  });

  test('refuse a service port inside the range of connection ports', () => {
    const error = problemsOf({ POCKETPROXY_TUNNEL_LISTEN: '127.0.0.1:30005' });
    expect(error.problems[0]?.accepted).toContain('outside of POCKETPROXY_PORT_RANGE');
  });

  test('need a database that can be shared as soon as the roles run in processes of their own', () => {
    const error = problemsOf({ POCKETPROXY_ROLE: 'relay' });
    expect(error.problems).toMatchObject([{ name: 'DATABASE_URL' }]);
  });

  test.each(['1.2.3', '256.1.1.1:80', 'host:99999', ':80', 'a b:80', '::1:80'])(
    'refuse %s as an address',
    (value) => {
      expect(problemsOf({ POCKETPROXY_HTTP_LISTEN: value }).problems).toHaveLength(1);
    },
  );

  test.each([
    ['alerts@example.com', { name: '', address: 'alerts@example.com' }],
    ['PocketProxy <alerts@example.com>', { name: 'PocketProxy', address: 'alerts@example.com' }],
    ['"Proxies, Ltd." <alerts@example.com>', { name: 'Proxies, Ltd.', address: 'alerts@example.com' }],
  ])('know whom mail is from: %s', (text, mailFrom) => {
    const config = load({ POCKETPROXY_SMTP_URL: 'smtp://mail.example', POCKETPROXY_MAIL_FROM: text });
    expect(config).toMatchObject({ smtpUrl: 'smtp://mail.example', mailFrom });
  });

  test.each(['alerts', 'a@b', 'Name alerts@example.com', 'A <a@example.com>, B <b@example.com>'])(
    'refuse %s as whom mail is from',
    (value) => {
      expect(problemsOf({ POCKETPROXY_MAIL_FROM: value }).problems).toHaveLength(1);
    },
  );

  test('need to know whom mail is from as soon as there is a mail server', () => {
    const error = problemsOf({ POCKETPROXY_SMTP_URL: 'smtp://user:canary@mail.example' });
    expect(error.problems).toMatchObject([{ name: 'POCKETPROXY_MAIL_FROM' }]);
    expect(error.message).not.toContain('canary');
  });

  test('keep webhooks from private addresses unless told otherwise', () => {
    expect(load().webhookAllowPrivate).toBe(false);
    expect(load({ POCKETPROXY_WEBHOOK_ALLOW_PRIVATE: 'on' }).webhookAllowPrivate).toBe(true);
    expect(problemsOf({ POCKETPROXY_WEBHOOK_ALLOW_PRIVATE: 'yes' }).problems).toHaveLength(1);
  });

  test('name what is probably misspelt, but not the settings of the agent', () => {
    const config = load({ POCKETPROXY_ROLES: 'all', POCKETPROXY_AGENT_STATE_DIR: '/x' });
    expect(config.unknownNames).toEqual(['POCKETPROXY_ROLES']);
  });
});

test('child processes are told nothing of our settings', () => {
  const environment = {
    PATH: '/bin',
    DATABASE_URL: 'postgres://canary',
    POCKETPROXY_ADMIN_PASSWORD: 'canary',
  };
  expect(childEnvironment(environment)).toEqual({ PATH: '/bin' });
});
