import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Customer, TRANSFERS, type Transfer } from '../clients/transfers.ts';
import type { Endpoint } from '../clients/tunnelled.ts';
import { UdpEcho } from '../origins/udp-echo.ts';
import type { World } from './world.ts';

/** Downloads of the tests of this file; those that still run are ended after each test. */
export interface RunningTransfers {
  /** Begins one over one of `TRANSFERS`. */
  start(customer: Customer, protocol: string): Promise<Transfer>;
  /** Ends a transfer that the test began itself, too. */
  add(transfer: Transfer): void;
  /** Where they download from. */
  web(): Endpoint;
}

/** Lets tests download from the world's origin, and from a UDP echo of their own. */
export function useTransfers(world: () => World): RunningTransfers {
  let echo: UdpEcho;
  const running: Transfer[] = [];
  beforeAll(async () => {
    echo = await UdpEcho.start();
  });
  afterEach(() => {
    for (const transfer of running.splice(0)) transfer.close();
  });
  afterAll(async () => {
    await echo.close();
  });
  const web = (): Endpoint => ({ host: '127.0.0.1', port: world().origin.port });
  return {
    web,
    add: (transfer) => void running.push(transfer),
    start: async (customer, protocol) => {
      const udp = { host: '127.0.0.1', port: echo.port };
      const transfer = await TRANSFERS[protocol]!(customer, { web: web(), udp });
      running.push(transfer);
      return transfer;
    },
  };
}
