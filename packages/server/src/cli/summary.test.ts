import { expect, test } from 'vitest';
import type { ControlServices, RunningControl } from '../control.ts';
import type { ConnectionRecord } from '../db/connection-repository.ts';
import { summary } from './summary.ts';

const control = { url: 'http://127.0.0.1:8080' } as RunningControl & ControlServices;
const connection = { port: 30000, username: 'user-1' } as ConnectionRecord;
const config = { adminPassword: null, dataDir: '/data' };
const login = { email: 'admin@example.com', password: 'generated' };

test('the first start tells the generated password and a line to try', () => {
  const text = summary({
    config,
    server: { control, firstAdministrator: login, vpn: { state: 'on', port: 1194 } },
    demo: {
      curl: 'curl -x http://user-1:secret@127.0.0.1:30000 http://ip.pocketproxy.internal/',
      connection,
    },
    startedInMs: 1234,
  });
  expect(text).toContain('http://127.0.0.1:8080');
  expect(text).toContain('admin@example.com');
  expect(text).toContain('UDP port 1194');
  expect(text).toContain('generated   (shown this once)');
  expect(text).toContain('curl -x http://user-1:secret@127.0.0.1:30000 http://ip.pocketproxy.internal/');
});

test('a password that was set is not repeated', () => {
  const server = { control, firstAdministrator: { ...login, password: 'chosen' }, vpn: null };
  const text = summary({
    config: { ...config, adminPassword: 'chosen' },
    server,
    demo: null,
    startedInMs: 1,
  });
  expect(text).not.toContain('chosen');
});

test('later starts say how to get a new password', () => {
  const server = { control, firstAdministrator: null, vpn: null };
  const text = summary({ config, server, demo: { curl: null, connection }, startedInMs: 1 });
  expect(text).toContain('npx pocketproxy user password');
  expect(text).toContain('port 30000');
  expect(text).not.toContain('curl');
});

test('says why OpenVPN is off', () => {
  const vpn = {
    state: 'off',
    reason: 'user: only root may make interfaces (run the relay as root)',
  } as const;
  const text = summary({
    config,
    server: { control, firstAdministrator: null, vpn },
    demo: null,
    startedInMs: 1,
  });
  expect(text).toContain('off; user: only root may make interfaces (run the relay as root)');
});
