/** What happens in the database, told to every process by LISTEN/NOTIFY. Payloads hold ids, never contents. */
export type BusEvent =
  | { readonly type: 'connection.changed'; readonly id: string }
  /** A relay has taken over this version of a connection: its port is open (or closed, if it was deleted). */
  | {
      readonly type: 'connection.applied';
      readonly id: string;
      readonly version: number;
      readonly problem: string | null;
    }
  | { readonly type: 'device.changed'; readonly id: string }
  /** The device's key was replaced or the device deleted: end its sessions. */
  | { readonly type: 'device.revoked'; readonly id: string };

export interface Bus {
  publish(event: BusEvent): Promise<void>;
  /** Calls `handler` for each event from any process, this one included. Answers a function that stops it. */
  subscribe<T extends BusEvent['type']>(
    type: T,
    handler: (event: Extract<BusEvent, { type: T }>) => void,
  ): () => void;
  /** Called each time the LISTEN connection was lost and is back: events may have been missed, so reload. */
  onResync(handler: () => void): () => void;
}
