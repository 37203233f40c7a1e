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
  /** Devices that reported, many at once. */
  | { readonly type: 'device.telemetry'; readonly ids: readonly string[] }
  /** Connections whose counted bytes were stored, many at once. */
  | { readonly type: 'connection.usage'; readonly ids: readonly string[] }
  /** An order was given, delivered, or has ended. */
  | { readonly type: 'command.changed'; readonly id: string; readonly deviceId: string }
  /** A rotation was asked for, has gone a step on, or has ended. */
  | { readonly type: 'rotation.changed'; readonly id: string; readonly deviceId: string }
  /**
   * What a user may do has changed, or one of its sessions or API keys has ended: whoever remembers or acts on its
   * rights (an open WebSocket) asks again.
   */
  | { readonly type: 'access.changed'; readonly userId: string }
  /** Messages are waiting to be sent. */
  | { readonly type: 'notification.queued' }
  /** It was tried to send a message. */
  | { readonly type: 'notification.tried'; readonly id: string }
  /** Entries of the audit log were made: somebody has changed something. */
  | { readonly type: 'audit.recorded'; readonly ids: readonly string[] }
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
