export * from './backoff.ts';
export * from './bridge.ts';
export * from './child-process.ts';
export * from './clock.ts';
export * from './datagram-stream.ts';
export * from './flow-control.ts';
export * from './logger.ts';
