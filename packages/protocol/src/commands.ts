import { z } from 'zod';
import { reportedText } from './reported-text.ts';

/** What the relay sends to the agent as the body of `POST /commands/{id}`. */
export const commandOrderSchema = z.discriminatedUnion('type', [
  /**
   * Radio off, wait, radio on, wait for the network. The agent ends with the radio on by itself, whatever becomes
   * of the tunnel meanwhile.
   */
  z.object({
    type: z.literal('rotate_ip'),
    holdSeconds: z.number().int().min(1).max(120),
    /** For finding the mobile network again. */
    registerWithinSeconds: z.number().int().min(1).max(300),
  }),
  z.object({ type: z.literal('reboot') }),
  z.object({ type: z.literal('find_phone'), seconds: z.number().int().min(1).max(300).default(30) }),
  z.object({ type: z.literal('wifi_on') }),
  z.object({ type: z.literal('wifi_off') }),
  z.object({ type: z.literal('restart_agent') }),
  z.object({ type: z.literal('update_agent') }),
]);
export type CommandOrder = z.infer<typeof commandOrderSchema>;

/** What the agent answers when an order is done. */
export const commandOutcomeSchema = z.object({
  status: z.enum(['succeeded', 'failed']),
  /** `unsupported`, `radio_failed`, `not_registered`, `interrupted` or `failed`; `null` when it succeeded. */
  reason: z.enum(['unsupported', 'radio_failed', 'not_registered', 'interrupted', 'failed']).nullable(),
  /** For people. */
  output: reportedText(4_000),
});
export type CommandOutcome = z.infer<typeof commandOutcomeSchema>;
