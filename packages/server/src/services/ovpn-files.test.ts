import { createDecipheriv, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { OvpnFiles } from './ovpn-files.ts';
import { ServiceError } from './service-error.ts';
import { TlsCryptKeys } from './tls-crypt-keys.ts';

const RELAY = '11111111-1111-8111-8111-111111111111';
const keys = new TlsCryptKeys(Buffer.alloc(32, 7));
const connection = {
  ...{ id: '22222222-2222-7222-8222-222222222222', name: 'Acme / Berlin', username: 'alice', relayId: RELAY },
  ...{ host: 'vps.example', vpnPort: 1194, vpnProblem: null, caCertificate: 'CERTIFICATE\n' },
};

function content(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64');
}

describe('a client file', () => {
  const files = new OvpnFiles(keys);

  test('has everything inside, and asks for the password', () => {
    const { fileName, content } = files.of(connection);
    expect(fileName).toBe('pocketproxy-acme-berlin.ovpn');
    expect(content).toContain('\nremote vps.example 1194\n');
    expect(content).toContain('\nauth-user-pass\n');
    expect(content).toContain('<ca>\nCERTIFICATE\n</ca>');
    expect(content).toContain('<tls-crypt-v2>\n-----BEGIN OpenVPN tls-crypt-v2 client key-----\n');
  });

  test('holds the password in the one answer that may', () => {
    expect(files.withPassword(connection, 'secret')).toContain(
      '<auth-user-pass>\nalice\nsecret\n</auth-user-pass>',
    );
    expect(files.withPassword({ ...connection, vpnPort: null }, 'secret')).toBeNull();
  });

  test('cannot be given another meaning by the name of the connection', () => {
    const names = ['x\nscript-security 2', 'x\r\nup /bin/sh', 'x\u2028up /bin/sh', '"../../x"', '日本'];
    for (const name of names) {
      const { fileName, content } = files.of({ ...connection, name });
      expect(fileName).toMatch(/^pocketproxy-[a-z0-9-]+\.ovpn$/);
      expect(content.split(/\r?\n|\u2028/)).toHaveLength(files.of(connection).content.split('\n').length);
    }
  });

  test('is refused with the reason while OpenVPN is off', () => {
    const off = { ...connection, vpnPort: null, vpnProblem: 'user: only root may make interfaces' };
    expect(() => files.of(off)).toThrow(ServiceError);
    expect(() => files.of(off)).toThrow(/only root/);
  });
});

describe('keys of tls-crypt-v2', () => {
  /** What the server does with the key that a client sends; doc/tls-crypt-v2.txt. */
  function unwrap(wrapped: Buffer): { key: Buffer; metadata: Buffer } {
    const server = content(keys.serverKey(RELAY));
    const [tag, sealed, length] = [wrapped.subarray(0, 32), wrapped.subarray(32, -2), wrapped.subarray(-2)];
    expect(length.readUInt16BE()).toBe(wrapped.length);
    const decipher = createDecipheriv('aes-256-ctr', server.subarray(0, 32), tag.subarray(0, 16));
    const plain = Buffer.concat([decipher.update(sealed), decipher.final()]);
    const expected = createHmac('sha256', server.subarray(64, 96)).update(length).update(plain).digest();
    expect(tag).toEqual(expected);
    return { key: plain.subarray(0, 256), metadata: plain.subarray(256) };
  }

  test('of a client come back to the server from the client', () => {
    const client = content(keys.clientKey(RELAY, 'c1'));
    const { key, metadata } = unwrap(client.subarray(256));
    expect(key).toEqual(client.subarray(0, 256));
    expect(metadata.toString()).toBe('\0c1');
  });

  test('differ between relays and connections, and stay the same', () => {
    const all = [keys.clientKey(RELAY, 'c1'), keys.clientKey(RELAY, 'c2'), keys.clientKey('other', 'c1')];
    expect(new Set(all).size).toBe(3);
    expect(keys.clientKey(RELAY, 'c1')).toBe(all[0]);
    expect(keys.serverKey(RELAY)).not.toBe(keys.serverKey('other'));
  });
});
