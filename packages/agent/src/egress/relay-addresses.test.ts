import { FakeClock, silentLogger } from '@pocketproxy/runtime';
import { describe, expect, it } from 'vitest';
import { RelayAddresses } from './relay-addresses.ts';

describe("the relay's addresses", () => {
  it('are those of its host and those that were seen, in one spelling', () => {
    const relay = new RelayAddresses('12.34.56.10', new FakeClock(), silentLogger());
    relay.add('::ffff:12.34.56.11');
    relay.add('2A10:CAFE:0:0::1');
    relay.add('nonsense');
    expect([...relay.known]).toEqual(['12.34.56.10', '12.34.56.11', '2a10:cafe::1']);
    relay.close();
  });
});
