import { and, eq, gt, isNull } from 'drizzle-orm';
import type { DeviceIdentity, DeviceStore, PairingClaim } from '../domain/stores.ts';
import type { Db } from './database.ts';
import { queueNotification } from './notification-outbox.ts';
import { notify } from './notify.ts';
import { devices, pairingCodes } from './schema.ts';

type Claim = Parameters<DeviceStore['claimPairingCode']>[0];
type Tx = Pick<Db, 'select' | 'insert' | 'update' | 'execute'>;
type CodeRow = typeof pairingCodes.$inferSelect;

/**
 * Spends a pairing code. Must run in a transaction: whoever loses the conditional UPDATE waits for the winner's
 * commit and then finds the code used.
 */
export async function claimPairingCode(tx: Tx, claim: Claim, newId: () => string): Promise<PairingClaim> {
  const [spent] = await tx
    .update(pairingCodes)
    .set({ usedAt: claim.at, usedBy: claim.keyFingerprint })
    .where(
      and(
        eq(pairingCodes.codeHash, claim.codeHash),
        gt(pairingCodes.expiresAt, claim.at),
        isNull(pairingCodes.usedAt),
      ),
    )
    .returning();
  if (!spent) return await repeatedClaim(tx, claim);
  const device = spent.deviceId
    ? await replaceKey(tx, spent.deviceId, claim)
    : await createDevice(tx, spent, claim, newId);
  return device ? { outcome: 'claimed', device } : { outcome: 'invalid' };
}

/** The answer to a claim that did not spend the code: why, or the same device again for the same key. */
async function repeatedClaim(tx: Tx, claim: Claim): Promise<PairingClaim> {
  const [code] = await tx.select().from(pairingCodes).where(eq(pairingCodes.codeHash, claim.codeHash));
  if (!code) return { outcome: 'invalid' };
  if (code.usedAt === null || code.expiresAt <= claim.at) {
    return { outcome: code.usedAt === null ? 'expired' : 'used' };
  }
  if (code.usedBy !== claim.keyFingerprint || code.deviceId === null) return { outcome: 'used' };
  // The device may have been paired anew by another code since: then this key is history.
  const [device] = await tx
    .select()
    .from(devices)
    .where(and(eq(devices.id, code.deviceId), eq(devices.keyFingerprint, claim.keyFingerprint)));
  return device ? { outcome: 'claimed', device: identityOf(device) } : { outcome: 'used' };
}

async function createDevice(
  tx: Tx,
  code: CodeRow,
  claim: Claim,
  newId: () => string,
): Promise<DeviceIdentity> {
  const id = newId();
  const [device] = await tx
    .insert(devices)
    .values({
      id,
      organizationId: code.organizationId,
      relayId: code.relayId,
      name: code.name ?? claim.model ?? `Phone ${id.slice(-4)}`,
      keyFingerprint: claim.keyFingerprint,
      platform: claim.platform,
      model: claim.model,
      agentVersion: claim.agentVersion,
      createdAt: claim.at,
      updatedAt: claim.at,
    })
    .returning();
  await tx.update(pairingCodes).set({ deviceId: id }).where(eq(pairingCodes.id, code.id));
  await notify(tx, [{ type: 'device.changed', id }]);
  const { organizationId, name, platform, model, agentVersion } = device!;
  await queueNotification(tx, {
    ...{ organizationId, event: 'device.paired', at: claim.at, dedupeKey: `device.paired:${id}` },
    payload: { deviceId: id, deviceName: name, platform, model, agentVersion },
  });
  return identityOf(device!);
}

async function replaceKey(tx: Tx, deviceId: string, claim: Claim): Promise<DeviceIdentity | null> {
  const [before] = await tx
    .select({ keyFingerprint: devices.keyFingerprint })
    .from(devices)
    .where(eq(devices.id, deviceId))
    .for('update');
  const [device] = await tx
    .update(devices)
    .set({
      keyFingerprint: claim.keyFingerprint,
      platform: claim.platform,
      model: claim.model,
      agentVersion: claim.agentVersion,
      updatedAt: claim.at,
    })
    .where(eq(devices.id, deviceId))
    .returning();
  if (!before || !device) return null;
  if (before.keyFingerprint !== device.keyFingerprint) {
    await notify(tx, [{ type: 'device.revoked', id: deviceId }]);
  }
  await notify(tx, [{ type: 'device.changed', id: deviceId }]);
  return identityOf(device);
}

function identityOf(device: typeof devices.$inferSelect): DeviceIdentity {
  return {
    deviceId: device.id,
    organizationId: device.organizationId,
    name: device.name,
    keyFingerprint: device.keyFingerprint,
  };
}
