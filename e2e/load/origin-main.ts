/** A tagged origin as a process of its own. Prints `ready <TCP port> <UDP port>`. */
import { TaggedOrigin } from './tagged-origin.ts';

const { tcp, udp } = await new TaggedOrigin().listen();
console.log(`ready ${tcp} ${udp}`);
