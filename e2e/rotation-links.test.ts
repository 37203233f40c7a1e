import { expect, test } from 'vitest';
import { callHttp } from './harness/http-call.ts';
import { useWorld } from './harness/world.ts';

const world = useWorld();

async function makeLink(): Promise<string> {
  const { server, agent } = world();
  const link = await server.api.call<{ url: string }>('POST', '/rotation-links', {
    ...{ deviceId: agent.deviceId, name: 'Customer', minIntervalSeconds: 30 },
  });
  return new URL(link.url).pathname;
}

function use(path: string) {
  return callHttp({ host: '127.0.0.1', port: world().server.ports.http }, { method: 'GET', path });
}

test('100 people who use a link at once get one rotation, and all of them its outcome', async () => {
  const { server, agent } = world();
  const path = await makeLink();
  const rotations = async () =>
    (await server.api.call<{ items: object[] }>('GET', `/devices/${agent.deviceId}/rotations`)).items;
  const { exitIp } = await server.api.device(agent.deviceId);
  const known = (await rotations()).length;
  const answers = await Promise.all(Array.from({ length: 100 }, () => use(`${path}?waitSeconds=60`)));
  const outcomes = new Set(answers.map(({ status, body }) => `${status} ${body}`));
  expect(outcomes.size).toBe(1);
  const [outcome] = answers.map(({ body }) => JSON.parse(body));
  expect(outcome).toMatchObject({ status: 'succeeded', oldIp: exitIp, reason: null });
  expect((await server.api.device(agent.deviceId)).exitIp).toBe(outcome.newIp);
  const items = await rotations();
  expect(items.slice(0, items.length - known)).toMatchObject([{ trigger: 'link', status: 'succeeded' }]);
});

test('who comes too soon is told how long to wait', async () => {
  const path = await makeLink();
  expect((await use(`${path}?waitSeconds=60`)).status).toBe(200);
  const refused = await use(path);
  expect([refused.status, JSON.parse(refused.body).code]).toEqual([429, 'rotation_too_soon']);
});
