import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestControl } from './testing/test-control.ts';

let control: TestControl;
const folder = mkdtempSync(join(tmpdir(), 'pp-dashboard-'));
beforeAll(async () => {
  mkdirSync(join(folder, 'assets'));
  control = await TestControl.start({ config: { dashboardFolder: folder } });
});
afterAll(async () => {
  await control.stop();
  rmSync(folder, { recursive: true });
});

function get(url: string, headers: Record<string, string> = {}) {
  return control.app.inject({ url, headers });
}

test('A server whose dashboard was not built says how to build it', async () => {
  const { statusCode, body } = await get('/devices');
  expect(statusCode).toBe(503);
  expect(body).toContain('npm run build');
});

describe('A built dashboard', () => {
  beforeAll(() => {
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>PocketProxy</title>');
    writeFileSync(join(folder, 'assets/main-1a2b.js'), 'plain');
    writeFileSync(join(folder, 'assets/main-1a2b.js.br'), 'brotli');
  });

  test.each(['/', '/devices', '/devices/01a20c58-5627-7089-9094-4f18eba553e9/rotation', '/api'])(
    'is the page at %s, which no cache keeps and where only our own scripts run',
    async (path) => {
      const { statusCode, headers, body } = await get(path);
      expect([statusCode, body]).toEqual([200, '<!doctype html><title>PocketProxy</title>']);
      expect(headers['content-type']).toContain('text/html');
      expect(headers['cache-control']).toBe('no-cache');
      const policy = String(headers['content-security-policy']);
      expect(policy).toMatch(/(^|; )script-src 'self'(;|$)/);
    },
  );

  test.each(['/api/v1/nonsense', '/api/', '/r', '/healthz/x', '/assets/gone-9.js', '/assets/../index.html'])(
    'is not at %s',
    async (path) => {
      const { statusCode, headers } = await get(path);
      expect(statusCode).toBe(path.includes('..') ? 200 : 404);
      if (statusCode === 404) expect(headers['content-type']).toContain('application/problem+json');
    },
  );

  test('has files that caches keep for ever, compressed before they are asked for', async () => {
    const { statusCode, headers, body } = await get('/assets/main-1a2b.js', {
      'accept-encoding': 'br, gzip',
    });
    expect([statusCode, body]).toEqual([200, 'brotli']);
    expect(headers['content-encoding']).toBe('br');
    expect(headers['cache-control']).toContain('immutable');
    expect((await get('/assets/main-1a2b.js')).body).toBe('plain');
  });

  test('does not lead out of its folder', async () => {
    const { statusCode } = await get('/assets/..%2f..%2f..%2f..%2fetc%2fpasswd');
    expect(statusCode).toBeGreaterThanOrEqual(400);
  });
});
