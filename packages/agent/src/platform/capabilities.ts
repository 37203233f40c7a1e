import type { CommandOrder, Hello } from '@pocketproxy/protocol';
import type { Ability, DeviceControls, Missing } from './controls.ts';

/** Why the agent does not replace its own program: nobody signs or serves packages of it. */
export const UPDATE_MISSING: Missing = {
  can: null,
  reason: 'This agent was installed by hand, and what was put there by hand is not replaced from afar',
  fix: 'Put the new version in its place (git pull, or copy pocketproxy-agent.mjs), then send restart_agent',
};

/** The part of a `hello` that says which orders this device carries out, and what the others need. */
export function describeCapabilities(controls: DeviceControls): Pick<Hello, 'capabilities' | 'missing'> {
  const abilities: Record<CommandOrder['type'], Ability<unknown>> = {
    rotate_ip: controls.radio,
    reboot: controls.reboot,
    find_phone: controls.findPhone,
    wifi_on: controls.wifi,
    wifi_off: controls.wifi,
    restart_agent: { can: true },
    update_agent: UPDATE_MISSING,
  };
  const entries = Object.entries(abilities);
  return {
    capabilities: ['tcp', 'udp', ...entries.flatMap(([name, { can }]) => (can === null ? [] : [name]))],
    missing: entries.flatMap(([name, ability]) =>
      'reason' in ability ? [{ name, reason: ability.reason, fix: ability.fix }] : [],
    ),
  };
}
