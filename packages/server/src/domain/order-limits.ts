import type { CommandOrder } from '@pocketproxy/protocol';

/** Beyond the time that the order itself names: for starting it, and for the way there and back. */
const MARGIN_SECONDS = 30;
/** For a system update or a restart of the whole phone. */
const RESTART_SECONDS = 300;

/** How long a device may take from accepting an order to telling its outcome, in milliseconds. */
export function outcomeWithinMs(order: CommandOrder): number {
  return (workSeconds(order) + MARGIN_SECONDS) * 1000;
}

function workSeconds(order: CommandOrder): number {
  switch (order.type) {
    case 'rotate_ip':
      return order.holdSeconds + order.registerWithinSeconds;
    case 'find_phone':
      return order.seconds;
    case 'wifi_on':
    case 'wifi_off':
      return MARGIN_SECONDS;
    case 'reboot':
    case 'restart_agent':
    case 'update_agent':
      return RESTART_SECONDS;
  }
}
