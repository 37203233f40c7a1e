import fc from 'fast-check';
import { createTransport } from 'nodemailer';
import { expect, test } from 'vitest';
import { composeMail, smtpOptions } from './mailer.ts';
import { wordsOf } from './words.ts';

const render = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
const at = new Date('2026-03-01T10:20:30Z');

/** A mail as it goes over the wire: its header lines, unfolded, and the rest. */
async function wire(deviceName: string, { to = 'ops@example.com', fromName = 'PocketProxy' } = {}) {
  const words = wordsOf({ id: 'id', event: 'device.offline', at, data: { deviceName, reason: deviceName } });
  const link = { label: 'Open', url: 'https://proxy.example/devices/1' };
  const mail = { id: '0198', to, words, at, link, footer: 'Why.' };
  const { message } = await render.sendMail(
    composeMail(mail, { name: fromName, address: 'a@proxy.example' }),
  );
  const text = String(message);
  const end = text.indexOf('\n\n');
  return {
    headers: text
      .slice(0, end)
      .replace(/\n[ \t]+/g, ' ')
      .split('\n'),
    body: text.slice(end),
  };
}

test('a mail says who it is from and to, once, and that nobody need answer', async () => {
  const { headers, body } = await wire('Berlin 1');
  expect(headers).toEqual(
    expect.arrayContaining([
      'From: PocketProxy <a@proxy.example>',
      'To: ops@example.com',
      'Subject: Berlin 1 is offline',
      'Message-ID: <0198@proxy.example>',
      'Auto-Submitted: auto-generated',
    ]),
  );
  expect(body).toContain('Content-Type: text/plain');
  expect(body).toContain('Content-Type: text/html');
});

test('no name adds a header, a recipient or a part, whatever it holds', async () => {
  const expected = (await wire('Berlin 1')).headers.map((line) => line.split(':')[0]).sort();
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      ...['a\r\nBcc: x@evil.example', 'a\nBcc:x@evil.example', '\r\n\r\nbody', '\u2028Bcc: x@evil.example'],
      ...['a\u0000b', '=?utf-8?Q?=0D=0ABcc:_x@evil.example?=', '"><script>', ', x@evil.example', '\ud800'],
    ),
  );
  await fc.assert(
    fc.asyncProperty(nasty, nasty, async (deviceName, fromName) => {
      const { headers } = await wire(deviceName, { fromName });
      expect(headers.map((line) => line.split(':')[0]).sort()).toEqual(expected);
      expect(headers.filter((line) => line.startsWith('To:'))).toEqual(['To: ops@example.com']);
    }),
    { numRuns: 150 },
  );
});

test.each([
  ['smtp://user:secret@mail.example', true],
  ['smtp://user:secret@mail.example?requireTLS=false', false],
  ['smtp://mail.example', false],
  ['smtp://user:secret@127.0.0.1:2525', false],
  ['smtp://user:secret@[::1]', false],
])('with %s a connection that stays unencrypted is refused: %s', (url, refused) => {
  const { transporter } = createTransport(smtpOptions(url));
  expect(transporter).toMatchObject({ options: { requireTLS: refused } });
});

test('names are text in the HTML and never markup', async () => {
  const words = wordsOf({
    id: 'i',
    event: 'device.offline',
    at,
    data: { deviceName: '<img src=x onerror="1">&' },
  });
  const link = { label: 'Open', url: 'https://proxy.example/?a=1&b="' };
  const { html } = composeMail(
    { ...{ id: 'i', to: 'a@b.example', words, at, link }, footer: '<b>' },
    { name: '', address: 'a@b.example' },
  );
  expect(html).not.toMatch(/<img|<b>|href="[^"]*"[^ >]/);
  expect(html).toContain('&lt;img src=x onerror=&quot;1&quot;&gt;&amp; is offline');
});
