import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';

/** Addresses for clients: all of a subnet but its own, the server's (the first) and the broadcast address. */
export class AddressPool {
  readonly #base: number;
  readonly #count: number;
  readonly #taken = new Set<number>();
  #next = 0;

  /** `subnet`: an IPv4 network in CIDR notation. */
  constructor(subnet: string) {
    const [network, bits] = ipaddr.IPv4.parseCIDR(subnet);
    const [a = 0, b = 0, c = 0, d = 0] = network.toByteArray();
    this.#base = ((a * 256 + b) * 256 + c) * 256 + d + 2;
    this.#count = 2 ** (32 - bits) - 3;
  }

  /** How many addresses there are. */
  get size(): number {
    return this.#count;
  }

  /**
   * A free address, or `null` when there is none. An owner gets the same one each time, also after a restart: a client
   * that is given another one takes its interface down for a second or two, and its traffic leaves beside the tunnel
   * meanwhile. If that is taken, others are given out in turn, so that what was just given back comes last: packets that
   * are still on their way to the old client must not reach the new one.
   */
  take(owner: string): string | null {
    if (this.#taken.size >= this.#count) return null;
    const own = this.#indexOf(owner);
    const index = this.#taken.has(own) ? this.#inTurn() : own;
    this.#taken.add(index);
    return textOf(this.#base + index);
  }

  /** Takes an address back. */
  giveBack(address: string): void {
    this.#taken.delete(numberOf(address) - this.#base);
  }

  /** Always the same for an owner; two owners may have the same. */
  #indexOf(owner: string): number {
    return createHash('sha256').update(owner).digest().readUInt32BE() % this.#count;
  }

  #inTurn(): number {
    while (this.#taken.has(this.#next)) this.#next = (this.#next + 1) % this.#count;
    const index = this.#next;
    this.#next = (index + 1) % this.#count;
    return index;
  }
}

function textOf(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
