import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ListenerKit, proxyAuthorization, type RawClient } from '../testing/listener-kit.ts';

const AUTH = proxyAuthorization();

describe('credentials of HTTP requests', () => {
  let kit: ListenerKit;
  let port: number;

  beforeEach(async () => {
    kit = await ListenerKit.start();
    ({ port } = await kit.httpOrigin((_, response) => response.end('ok')));
  });

  afterEach(() => kit.stop());

  const asked = (fields: string) =>
    `GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\n${fields}\r\n`;

  async function denied(client: RawClient): Promise<void> {
    const { status, head, body } = await client.takeAnswer();
    expect(status).toBe(407);
    expect(head).toContain('Proxy-Authenticate: Basic realm="PocketProxy"');
    expect(head).toContain('Proxy-Status: pocketproxy; error=http_request_denied; ');
    expect(body).toBe(`PocketProxy: Wrong or missing credentials (connection on port ${kit.port})\n`);
  }

  test.each([
    ['none', ''],
    ['wrong ones', proxyAuthorization('user:wrong')],
    ['bad base64', 'Proxy-Authorization: Basic %%%\r\n'],
    ['no colon', `Proxy-Authorization: Basic ${btoa('user')}\r\n`],
    ['bytes that are no UTF-8', `Proxy-Authorization: Basic ${btoa('\xff\xfe:\xff')}\r\n`],
    ['another scheme', 'Proxy-Authorization: Digest username="user"\r\n'],
  ])(
    '%s are answered with 407, then right ones with the answer, on the same connection',
    async (_, fields) => {
      const client = await kit.connect();
      client.send(asked(fields));
      await denied(client);
      expect(kit.ingress.asked).toEqual([]);
      client.send(asked(AUTH));
      expect((await client.takeAnswer()).status).toBe(200);
    },
  );

  test('wrong three times close the connection', async () => {
    const client = await kit.connect();
    for (let i = 0; i < 3; i += 1) {
      client.send(asked(''));
      await denied(client);
    }
    expect(await client.end()).toBe('fin');
  });

  test('of a slow check are waited for', async () => {
    kit.ingress.slow = true;
    const client = await kit.connect();
    client.send(asked(''));
    await denied(client);
    client.send(asked(AUTH));
    expect((await client.takeAnswer()).status).toBe(200);
  });

  test('are not needed from an allowed address', async () => {
    kit.ingress.allowlist.add('127.0.0.1');
    const client = await kit.connect();
    client.send(asked(''));
    expect((await client.takeAnswer()).status).toBe(200);
  });
});
