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

  it('tells why a statement failed and nothing of what was in it', () => {
    const cause = Object.assign(new Error('deadlock detected'), { code: '40P01', detail: 'Process 1 waits' });
    const err = Object.assign(new Error('Failed query: select canary-3'), {
      ...{ query: 'select canary-4', params: ['canary-5'] },
      cause,
    });
    const text = logged({ err });
    expect(text).not.toContain('canary');
    for (const part of ['deadlock detected', '40P01', 'Process 1 waits']) expect(text).toContain(part);
  });

  it('keeps the values that a constraint complains of to itself', () => {
    const cause = Object.assign(new Error('duplicate key'), {
      code: '23505',
      detail: 'Key (email)=(canary-6)',
    });
    const err = Object.assign(new Error('Failed query'), { query: '', params: [], cause });
    expect(logged({ err })).not.toContain('canary');
  });
});
