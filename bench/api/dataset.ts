/** How much there is of what, as a busy installation would have it after a year. */
export interface DatasetSize {
  readonly customers: number;
  readonly devices: number;
  readonly connectionsPerDevice: number;
  /** Each with 24 rows of usage per connection. */
  readonly daysOfUsage: number;
  /** Each with 288 samples per device. */
  readonly daysOfSamples: number;
  readonly rotationsPerDevice: number;
  readonly addressesPerDevice: number;
  readonly commandsPerDevice: number;
  readonly statusesPerDevice: number;
  readonly linksPerDevice: number;
  readonly channels: number;
  readonly deliveriesPerChannel: number;
  readonly auditEntries: number;
}

export const FULL_SIZE: DatasetSize = {
  customers: 50,
  devices: 2_500,
  connectionsPerDevice: 4,
  daysOfUsage: 90,
  daysOfSamples: 14,
  rotationsPerDevice: 1_000,
  addressesPerDevice: 50,
  commandsPerDevice: 100,
  statusesPerDevice: 500,
  linksPerDevice: 2,
  channels: 20,
  deliveriesPerChannel: 2_000,
  auditEntries: 500_000,
};

export const QUICK_SIZE: DatasetSize = {
  ...FULL_SIZE,
  devices: 100,
  daysOfUsage: 5,
  daysOfSamples: 2,
  rotationsPerDevice: 50,
  commandsPerDevice: 10,
  statusesPerDevice: 50,
  deliveriesPerChannel: 100,
  auditEntries: 5_000,
};
