/** Version of this agent, as the relay and `--version` show it. */
export const AGENT_VERSION = '0.1.0';
