import type { DeviceTotals, DeviceView, RotationView } from '@pocketproxy/protocol/api';

/** A phone with what the list tells of it beside its own state. */
export interface DeviceRow extends DeviceView {
  /** As it was read. */
  readonly device: DeviceView;
  readonly rotating: boolean;
  /** `null` while they are read. */
  readonly connections: number | null;
  /** Both directions, since midnight UTC; `null` while it is read. */
  readonly bytesToday: number | null;
}

/** What is shown as the status: a phone that rotates is away for a moment and will be back. */
export type ShownStatus = DeviceView['status'] | 'rotating';

/**
 * Joins what is read by itself. `totals` leaves out phones that have nothing. A row of `before` is kept when nothing of
 * it has changed, so that it is not drawn anew.
 */
export function deviceRows(
  devices: readonly DeviceView[],
  totals: readonly DeviceTotals[] | undefined,
  rotations: readonly RotationView[] | undefined,
  before: ReadonlyMap<string, DeviceRow> = new Map(),
): DeviceRow[] {
  const byDevice = new Map(totals?.map((each) => [each.deviceId, each]));
  const rotating = new Set(rotations?.map(({ deviceId }) => deviceId));
  return devices.map((device) => {
    const own = byDevice.get(device.id);
    const row: DeviceRow = {
      ...device,
      device,
      rotating: rotating.has(device.id),
      connections: totals ? (own?.connections ?? 0) : null,
      bytesToday: totals ? (own ? own.bytesUpToday + own.bytesDownToday : 0) : null,
    };
    const old = before.get(device.id);
    return old && isSame(old, row) ? old : row;
  });
}

function isSame(a: DeviceRow, b: DeviceRow): boolean {
  return (
    a.device === b.device &&
    a.rotating === b.rotating &&
    a.connections === b.connections &&
    a.bytesToday === b.bytesToday
  );
}

export function shownStatus({ status, rotating }: Pick<DeviceRow, 'status' | 'rotating'>): ShownStatus {
  return rotating ? 'rotating' : status;
}
