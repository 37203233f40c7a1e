import { expect, test } from 'vitest';
import { linesOf } from './credentials-sheet.tsx';

const credentials = {
  ...{ name: 'acme', host: 'proxy.example.com', port: 30_004, username: 'acme', password: 'p@ss:w/ord' },
  ...{ protocols: ['http', 'socks5', 'openvpn'], ovpn: null },
};
const text = (label: string, changes: object = {}) =>
  linesOf({ ...credentials, ...changes }).find((line) => line.label === label)?.text;

test('credentials in an address are written so that no character of a password ends them', () => {
  expect(text('HTTP')).toBe('http://acme:p%40ss%3Aw%2Ford@proxy.example.com:30004');
  expect(text('SOCKS5')).toBe('socks5h://acme:p%40ss%3Aw%2Ford@proxy.example.com:30004');
});

test('credentials for programs that take four parts are written as they are', () => {
  expect(text('host:port:user:pass')).toBe('proxy.example.com:30004:acme:p@ss:w/ord');
});

test('an IPv6 address is written in brackets', () => {
  expect(text('HTTP', { host: '2001:db8::1' })).toContain('@[2001:db8::1]:30004');
});

test('a protocol that the connection does not speak is not offered', () => {
  expect(text('SOCKS5', { protocols: ['http'] })).toBeUndefined();
});
