import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function logged(fields: object): string {
  const lines: string[] = [];
  createLogger({ destination: { write: (line: string) => void lines.push(line) } }).info(fields, 'message');
  return lines.join('');
}

describe('the logger', () => {
  it.each([
    'password',
    'token',
    'secret',
    'authorization',
    'cookie',
    'privateKey',
    'proof',
    'pairingCode',
    'pairingUrl',
    'databaseUrl',
  ])('never writes a %s, at the top or inside an object', (field) => {
    expect(logged({ [field]: 'canary-1', deviceId: 'd1' })).not.toContain('canary-1');
    expect(logged({ request: { [field]: 'canary-2' } })).not.toContain('canary-2');
  });

  it('keeps what is needed to understand an error', () => {
    expect(logged({ err: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) })).toContain(
      'ECONNREFUSED',
    );
  });
});
