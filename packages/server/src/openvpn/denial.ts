import { FLOW_ERRORS, type FlowErrorCode } from '@pocketproxy/protocol';
import type { ClientVariables } from './management-parser.ts';

/** Reasons that pass by themselves: the client should come again. */
const PASSING: ReadonlySet<FlowErrorCode> = new Set([
  'too_many_flows',
  'device_offline',
  'tunnel_lost',
  'egress_unavailable',
  'rotation_timeout',
  'overloaded',
  'internal_error',
]);

/** Bit of `IV_PROTO`: the client understands `AUTH_FAILED,TEMP` (OpenVPN 2.6 and later). */
const AUTH_FAIL_TEMP = 1 << 8;
/** When a client that was refused for a while comes again, in seconds. */
const COME_AGAIN_SECONDS = 5;

/** What a refused client is told: it shows the text, and comes again by itself where that may help. */
export function denialText(code: FlowErrorCode, variables: ClientVariables): string {
  const { title } = FLOW_ERRORS[code];
  const understands = (Number(variables.IV_PROTO ?? 0) & AUTH_FAIL_TEMP) !== 0;
  return understands && PASSING.has(code) ? `TEMP[backoff ${COME_AGAIN_SECONDS}]:${title}` : title;
}
