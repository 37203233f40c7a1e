export * from './auth.ts';
export * from './bandwidth.ts';
export * from './common.ts';
export * from './connections.ts';
export * from './devices.ts';
export * from './errors.ts';
export * from './pairing-codes.ts';
export * from './stats.ts';
