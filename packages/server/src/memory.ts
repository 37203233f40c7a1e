import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

const MIB = 1024 * 1024;
/** The rest is for the database, the system, and what is needed beyond the limit until flows have ended. */
const DEFAULT_SHARE = 0.75;
/** Code, stacks and native memory that V8 knows nothing of. */
const UNSEEN_BYTES = 96 * MIB;

/** The limit of memory when none is set: a share of what the host, or its container, has. */
export function defaultMemoryLimit(): number {
  const constrained = process.constrainedMemory();
  const all = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return all * DEFAULT_SHARE;
}

/**
 * Bytes that this process needs. Pages that were freed and are kept for the next flows are in its resident memory, and
 * not in this: it would otherwise stay high for ever after one busy minute. Nor can resident memory be asked for without a
 * free descriptor.
 */
export function memoryInUse(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external + UNSEEN_BYTES;
}
