export * from './addresses.ts';
export * from './commands.ts';
export * from './flow-errors.ts';
export * from './pairing.ts';
export * from './socks-address.ts';
export * from './telemetry.ts';
export * from './tunnel.ts';
export * from './udp-datagram.ts';
