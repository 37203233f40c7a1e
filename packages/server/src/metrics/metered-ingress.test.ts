import { expect, it } from 'vitest';
import type { Access, Ingress } from '../domain/ingress.ts';
import { MeteredIngress } from './metered-ingress.ts';

it('hands the signal on by which flows of clients that go away are given up', async () => {
  const signals: unknown[] = [];
  const inner = {
    openFlow: async (_access: Access, _destination: unknown, signal: unknown) => void signals.push(signal),
    openUdpAssociation: async (_access: Access, _onDatagram: unknown, signal: unknown) =>
      void signals.push(signal),
  } as unknown as Ingress;
  const metrics = {
    ...{ flowOpened: () => {}, vpnSessionOpened: () => {}, flowRefused: () => {} },
    ...{ counted: () => {}, rotationEnded: () => {} },
  };
  const ingress = new MeteredIngress(inner, metrics);
  const access = { connectionId: 'c1', connectionName: 'acme', deviceId: 'd1' };
  const { signal } = new AbortController();
  await ingress.openFlow(access, { host: 'example.com', port: 80 }, signal);
  await ingress.openUdpAssociation(access, () => {}, signal);
  expect(signals).toEqual([signal, signal]);
});
