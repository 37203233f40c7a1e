import type { NewConnection } from '../harness/api-client.ts';

/** One connection of the load, and what is sure about its bytes. */
export class Customer {
  readonly connection: NewConnection;
  /** Index of its phone in the fleet. */
  readonly phone: number;
  /** First part of the tags of its flows. */
  readonly name: string;
  /**
   * Bytes in each direction that may have been carried or not, because a flow did not end in order. At 0 the counters
   * must agree with the origin to the byte.
   */
  uncertainBytes = 0;
  #flows = 0;

  constructor(connection: NewConnection, phone: number, name: string) {
    this.connection = connection;
    this.phone = phone;
    this.name = name;
  }

  /** A number that no other flow of this customer has. */
  nextFlow(): number {
    this.#flows += 1;
    return this.#flows;
  }
}
