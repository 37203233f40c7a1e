/** A proxy password as it is stored: never reversible. See docs/adr/0004-credentials.md. */
export interface StoredCredential {
  /**
   * `hmac-sha256`: keyed hash of a generated password of >= 128 bits, cheap to check;
   * `bcrypt`: slow hash of a password that a person chose.
   */
  readonly scheme: 'hmac-sha256' | 'bcrypt';
  readonly hash: string;
}

/** Everything the data path needs to know about one connection; a snapshot of its row. */
export interface Connection {
  readonly id: string;
  readonly organizationId: string;
  readonly deviceId: string;
  /** Copied from the device, for what customers are shown. */
  readonly deviceName: string;
  readonly name: string;
  /** TCP port on the relay, for life. */
  readonly port: number;
  readonly username: string;
  readonly credential: StoredCredential;
  readonly enabled: boolean;
  readonly expiresAt: Date | null;
  /** CIDR blocks and addresses that need no password. */
  readonly allowlist: readonly string[];
  readonly quotaBytes: number | null;
  /** Since when `usedBytes` counts. */
  readonly quotaPeriodStart: Date;
  /** Bytes of the period that were stored when the snapshot was taken. */
  readonly usedBytes: number;
  /** Bytes that were ever stored, by direction. */
  readonly countedUp: number;
  readonly countedDown: number;
  /** Each direction apart, all flows together. */
  readonly speedLimitMbps: number | null;
  readonly maxFlows: number | null;
  /** Grows by one with every change of the row, usage excepted. */
  readonly version: number;
  /** Copied from the device: whether private and loopback destinations may be dialled. */
  readonly allowPrivateDestinations: boolean;
}
