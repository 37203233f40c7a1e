import type {
  CommandView,
  ConnectionView,
  DeviceView,
  IpHistoryEntry,
  PairingCodeView,
  RotationLinkView,
  RotationReason,
  RotationView,
} from '@pocketproxy/protocol/api';
import { deviceStatus, isRelayAlive } from '../domain/device-status.ts';
import type { CommandRecord } from '../services/commands.ts';
import type { ConnectionRecord } from '../services/connections.ts';
import type { DeviceRecord } from '../services/devices.ts';
import type { PairingCodeRecord } from '../services/pairing-codes.ts';
import type { RotationLinkRecord } from '../services/rotation-links.ts';
import type { IpHistoryRecord, RotationRecord } from '../services/rotations.ts';

/** How rows are shown. `now` in milliseconds since the epoch. */

export function deviceView(row: DeviceRecord, now: number): DeviceView {
  return {
    id: row.id,
    organizationId: row.organizationId,
    name: row.name,
    description: row.description,
    status: deviceStatus(row, now),
    exitIp: row.exitIp,
    carrier: row.carrier,
    networkType: row.networkType,
    signalDbm: row.signalDbm,
    batteryPercent: row.batteryPercent,
    batteryCharging: row.batteryCharging,
    platform: row.platform,
    model: row.model,
    osVersion: row.osVersion,
    agentVersion: row.agentVersion,
    lastSeenAt: iso(row.lastSeenAt),
    autoRotateMinutes: row.autoRotateMinutes,
    autoRotateJitterPercent: row.autoRotateJitterPercent,
    rotationHoldSeconds: row.rotationHoldSeconds,
    rotationRetries: row.rotationRetries,
    rotationMinIntervalSeconds: row.rotationMinIntervalSeconds,
    rotationWaitSeconds: row.rotationWaitSeconds,
    rotationUniqueHours: row.rotationUniqueHours,
    nextRotationAt: iso(row.nextRotationAt),
    lastRotationAt: iso(row.lastRotationAt),
    allowPrivateDestinations: row.allowPrivateDestinations,
    capabilities: row.capabilities,
    missingCapabilities: row.missingCapabilities,
    wifiBytesUp: row.wifiBytesUp,
    wifiBytesDown: row.wifiBytesDown,
    mobileBytesUp: row.mobileBytesUp,
    mobileBytesDown: row.mobileBytesDown,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
  };
}

export function connectionView(row: ConnectionRecord, now: number): ConnectionView {
  return {
    id: row.id,
    deviceId: row.deviceId,
    organizationId: row.organizationId,
    name: row.name,
    host: row.host,
    port: row.port,
    protocols: row.vpnPort === null ? ['http', 'socks5'] : ['http', 'socks5', 'openvpn'],
    username: row.username,
    status: connectionStatus(row, now),
    allowlist: row.allowlist,
    quotaBytes: row.quotaBytes,
    quotaPeriod: row.quotaPeriod,
    quotaResetDay: row.quotaResetDay,
    usedBytes: row.usedBytes,
    usedSince: row.quotaPeriodStart.toISOString(),
    openFlows: isRelayAlive(row.relayHeartbeatAt, now) ? row.openFlows : 0,
    speedLimitMbps: row.speedLimitMbps,
    maxFlows: row.maxFlows,
    expiresAt: iso(row.expiresAt),
    enabled: row.enabled,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
  };
}

function connectionStatus(row: ConnectionRecord, now: number): ConnectionView['status'] {
  if (!row.enabled) return 'disabled';
  if (row.expiresAt !== null && row.expiresAt.getTime() <= now) return 'expired';
  return row.quotaBytes !== null && row.usedBytes >= row.quotaBytes ? 'quota_exceeded' : 'active';
}

export function pairingCodeView(row: PairingCodeRecord, now: number): PairingCodeView {
  return {
    id: row.id,
    name: row.name,
    status: row.usedAt !== null ? 'used' : row.expiresAt.getTime() <= now ? 'expired' : 'pending',
    deviceId: row.deviceId,
    expiresAt: row.expiresAt.toISOString(),
    usedAt: iso(row.usedAt),
    createdAt: row.createdAt.toISOString(),
  };
}

export function commandView(row: CommandRecord): CommandView {
  return {
    id: row.id,
    deviceId: row.deviceId,
    type: row.type,
    params: row.params,
    status: row.status,
    cancelled: row.status === 'expired' && row.finishedAt !== null && row.finishedAt < row.expiresAt,
    output: row.output,
    reason: row.reason,
    createdAt: row.createdAt.toISOString(),
    sentAt: iso(row.sentAt),
    finishedAt: iso(row.finishedAt),
    expiresAt: row.expiresAt.toISOString(),
  };
}

export function rotationView(row: RotationRecord): RotationView {
  return {
    id: row.id,
    deviceId: row.deviceId,
    status: row.status,
    step: row.step,
    trigger: row.trigger,
    attempt: row.attempt,
    oldIp: row.oldIp,
    newIp: row.newIp,
    reason: row.reason as RotationReason | null,
    durationMs: row.durationMs,
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
  };
}

export function ipHistoryView(row: IpHistoryRecord): IpHistoryEntry {
  return {
    id: row.id,
    ip: row.ip,
    previousIp: row.previousIp,
    trigger: row.trigger,
    rotationId: row.rotationId,
    at: row.at.toISOString(),
    durationMs: row.durationMs,
  };
}

/** `token` is known once, when the link is made. */
export function rotationLinkView(
  row: RotationLinkRecord,
  publicUrl: string,
  token?: string,
): RotationLinkView {
  return {
    id: row.id,
    deviceId: row.deviceId,
    name: row.name,
    url: `${publicUrl}/r/${token ?? `${row.tokenHint}...`}`,
    minIntervalSeconds: row.minIntervalSeconds,
    lastUsedAt: iso(row.lastUsedAt),
    expiresAt: iso(row.expiresAt),
    createdAt: row.createdAt.toISOString(),
  };
}

function iso(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}
