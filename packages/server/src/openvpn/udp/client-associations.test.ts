import { FlowError, type UdpDatagram } from '@pocketproxy/protocol';
import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { describe, expect, test } from 'vitest';
import type { Access, Ingress, UdpAssociation } from '../../domain/ingress.ts';
import { ClientTable } from '../path/client-table.ts';
import { SessionTable } from '../session-table.ts';
import { parseIpv4 } from '../sockets/socket-address.ts';
import type { Answer } from './answer-packets.ts';
import { ClientAssociations } from './client-associations.ts';

const CLIENT = '10.66.0.2';
const ACCESS: Access = { connectionId: 'c1', connectionName: 'acme', deviceId: 'd1' };
const destination = parseIpv4('93.184.216.34')!;

/** One association as the ingress gave it. */
interface Opened extends UdpAssociation {
  readonly sent: UdpDatagram[];
  readonly receive: (datagram: UdpDatagram) => void;
  isClosed: boolean;
}

function setUp() {
  const clock = new FakeClock();
  const opened: Opened[] = [];
  const answers: Answer[] = [];
  /** What the next opening waits for, and what it fails with. */
  const next: { ready: Promise<void>; failure: FlowError | null } = {
    ready: Promise.resolve(),
    failure: null,
  };
  const ingress = {
    openUdpAssociation: async (_access, receive) => {
      await next.ready;
      if (next.failure) throw next.failure;
      let close!: () => void;
      const closed = new Promise<void>((resolve) => {
        close = resolve;
      });
      const sent: UdpDatagram[] = [];
      const one: Opened = {
        ...{ sent, receive, closed, isClosed: false },
        send: (datagram) => void sent.push(datagram),
        close: () => {
          one.isClosed = true;
          close();
        },
      };
      opened.push(one);
      return one;
    },
  } as Pick<Ingress, 'openUdpAssociation'> as Ingress;
  const sessions = new SessionTable();
  sessions.begin(CLIENT, ACCESS);
  const clients = new ClientTable(sessions);
  const associations = new ClientAssociations({
    ...{ ingress, clock, log: silentLogger() },
    answers: { send: (answer) => void answers.push(answer) },
  });
  const send = (clientPort: number, text = 'x') =>
    associations.send(clients.find(CLIENT)!, {
      ...{ client: parseIpv4(CLIENT)!, clientPort, destination, destinationPort: 443 },
      data: Buffer.from(text),
    });
  return { clock, opened, answers, next, sessions, associations, send };
}

/** Lets what was begun go on. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}

describe('UDP of VPN clients', () => {
  test('has one association for each port, whatever the destination', async () => {
    const { opened, send } = setUp();
    send(5_000, 'a');
    send(5_000, 'b');
    send(5_001, 'c');
    await settle();
    expect(opened.map(({ sent }) => sent.map(({ data }) => data.toString()))).toEqual([['a', 'b'], ['c']]);
    expect(opened[0]!.sent[0]).toMatchObject({ host: '93.184.216.34', port: 443 });
  });

  test('answers come from whoever sent them, to the port that asked', async () => {
    const { opened, answers, send } = setUp();
    send(5_000);
    await settle();
    opened[0]!.receive({ host: '93.184.216.34', port: 443, data: Buffer.from('back') });
    opened[0]!.receive({ host: '2001:db8::1', port: 443, data: Buffer.from('of no use') });
    expect(answers).toHaveLength(1);
    expect(answers[0]).toMatchObject({ source: destination, sourcePort: 443, clientPort: 5_000 });
  });

  test('waits for the phone with a few datagrams, and no more', async () => {
    const { opened, next, send } = setUp();
    let ready!: () => void;
    next.ready = new Promise((resolve) => {
      ready = resolve;
    });
    for (let i = 0; i < 100; i += 1) send(5_000, `${i}`);
    ready();
    await settle();
    expect(opened[0]!.sent).toHaveLength(32);
    expect(opened[0]!.sent[0]!.data.toString()).toBe('0');
  });

  test('that was refused asks again after a second, not for each datagram', async () => {
    const { clock, opened, next, associations, send } = setUp();
    next.failure = new FlowError('device_offline');
    send(5_000);
    await settle();
    next.failure = null;
    send(5_000);
    await settle();
    expect(opened).toHaveLength(0);
    clock.advance(1_000);
    send(5_000);
    await settle();
    expect(opened).toHaveLength(1);
    expect(associations.size).toBe(1);
  });

  test('ends when it is idle, when the phone ends it, and with the session', async () => {
    const { clock, opened, sessions, associations, send } = setUp();
    send(5_000);
    await settle();
    clock.advance(125_000);
    expect(opened[0]!.isClosed).toBe(true);
    send(5_000);
    await settle();
    opened[1]!.close();
    await settle();
    expect(associations.size).toBe(0);
    send(5_000);
    await settle();
    sessions.end(CLIENT);
    expect(opened[2]!.isClosed).toBe(true);
    expect(associations.size).toBe(0);
  });

  test('of a client with too many ports ends the one that was idle longest', async () => {
    const { clock, opened, associations, send } = setUp();
    for (let port = 1; port <= 1_024; port += 1) {
      send(port);
      clock.advance(1);
    }
    await settle();
    send(1);
    send(2_000);
    await settle();
    expect(associations.size).toBe(1_024);
    expect(opened.filter(({ isClosed }) => isClosed)).toEqual([opened[1]]);
  });
});
