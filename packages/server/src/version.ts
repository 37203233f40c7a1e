/** Version of this server; agents that are older are told of as outdated. */
export const SERVER_VERSION = '0.1.0';
