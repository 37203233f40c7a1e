import { expect, test } from 'vitest';
import { ServerMetrics } from './server-metrics.ts';

test('flows are told by kind, from zero on, and the same however often they are asked for', async () => {
  const metrics = new ServerMetrics('1.2.3');
  const told = async () =>
    (await metrics.render()).text.match(/^pocketproxy_flows_opened_total.*$/gm)?.toSorted();
  expect(await told()).toEqual([
    'pocketproxy_flows_opened_total{kind="tcp"} 0',
    'pocketproxy_flows_opened_total{kind="udp"} 0',
  ]);
  metrics.flowOpened('tcp');
  metrics.flowOpened('tcp');
  metrics.flowOpened('udp');
  const after = [
    'pocketproxy_flows_opened_total{kind="tcp"} 2',
    'pocketproxy_flows_opened_total{kind="udp"} 1',
  ];
  expect(await told()).toEqual(after);
  expect(await told()).toEqual(after);
});
