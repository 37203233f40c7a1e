import type { CommandOrder, CommandOutcome } from '@pocketproxy/protocol';
import type { Logger } from '@pocketproxy/runtime';
import { UPDATE_MISSING } from '../platform/capabilities.ts';
import type { Ability } from '../platform/controls.ts';
import type { Platform } from '../platform/platform.ts';
import { describe, failed, succeeded, unsupported } from './outcomes.ts';
import { type RotateIpParts, rotateIp } from './rotate-ip.ts';

export interface OrderActionsOptions extends RotateIpParts {
  readonly platform: Pick<Platform, 'controls'>;
  /** Asks for a restart of the agent, which begins after orders under way were answered. */
  readonly restart: () => void;
  readonly log: Logger;
}

/** What each type of order does on this device. */
export class OrderActions {
  readonly #options: OrderActionsOptions;

  constructor(options: OrderActionsOptions) {
    this.#options = options;
  }

  /** Carries `order` out; `signal` asks it to come to an end soon. Never rejects. */
  async carryOut(order: CommandOrder, signal: AbortSignal): Promise<CommandOutcome> {
    try {
      return await this.#act(order, signal);
    } catch (error) {
      this.#options.log.warn({ err: error, type: order.type }, 'order failed');
      return failed('failed', describe(error));
    }
  }

  async #act(order: CommandOrder, signal: AbortSignal): Promise<CommandOutcome> {
    const { platform, restart } = this.#options;
    const controls = await platform.controls();
    switch (order.type) {
      case 'rotate_ip':
        return ifAble(controls.radio, () => rotateIp(order, this.#options, signal));
      case 'reboot':
        return ifAble(controls.reboot, async (reboot) => succeeded(await reboot()));
      case 'find_phone':
        return ifAble(controls.findPhone, async (find) => succeeded(await find(order.seconds, signal)));
      case 'wifi_on':
      case 'wifi_off':
        return ifAble(controls.wifi, async (wifi) => succeeded(await wifi(order.type === 'wifi_on')));
      case 'restart_agent':
        restart();
        return succeeded('The agent restarts');
      case 'update_agent':
        return unsupported(UPDATE_MISSING);
    }
  }
}

async function ifAble<T>(
  ability: Ability<T>,
  act: (can: T) => Promise<CommandOutcome>,
): Promise<CommandOutcome> {
  return 'reason' in ability ? unsupported(ability) : await act(ability.can);
}
