/**
 * The radio of the lab's phone, as the agent calls it: `radio-main.ts <folder> off|on|status`. `off` takes the addresses
 * of `rmnet0` away, `on` brings other ones of the same network.
 */
import { runCommand } from '../harness/run-command.ts';
import { runIpLines } from './ip-batch.ts';
import { LabRadio } from './lab-radio.ts';
import { type Addresses, mobileAddresses, mobileRoutes } from './wiring.ts';

/** Below are the addresses that tests attach by themselves. */
const FIRST_BYTE = 100;
const LAST_BYTE = 250;

const [folder = '', call = ''] = process.argv.slice(2);
const radio = new LabRadio(folder);

async function isAttached(): Promise<boolean> {
  return (await runCommand(['ip', '-4', '-brief', 'addr', 'show', 'dev', 'rmnet0'])).includes('21.5.7.');
}

async function off(): Promise<string> {
  if (await radio.isDue('off-fails')) throw new Error('the modem does not answer');
  await runCommand(['ip', 'addr', 'flush', 'dev', 'rmnet0', 'scope', 'global']);
  return 'radio off';
}

async function on(): Promise<string> {
  if (await radio.isDue('on-fails')) throw new Error('the modem does not answer');
  if (await isAttached()) return 'radio was on';
  if (await radio.isDue('no-network')) return 'radio on, searching';
  const { addresses } = radio;
  const next = (await radio.isDue('same-address')) ? addresses : nextAddresses(addresses);
  await radio.setAddresses(next);
  await runIpLines(
    [`addr add ${next.ip4}/24 dev rmnet0`, `addr add ${next.ip6}/64 dev rmnet0`, ...mobileRoutes()],
    null,
  );
  return `radio on, ${next.ip4} and ${next.ip6}`;
}

async function status(): Promise<string> {
  return (await isAttached()) ? 'radio on, attached' : 'radio off, or not attached';
}

function nextAddresses({ ip4 }: Addresses): Addresses {
  const last = Number(ip4.split('.').at(-1));
  return mobileAddresses(last >= FIRST_BYTE && last < LAST_BYTE ? last + 1 : FIRST_BYTE);
}

const actions: Readonly<Record<string, () => Promise<string>>> = { off, on, status };
await radio.noteCall(call);
try {
  const action = actions[call];
  if (!action) throw new Error(`"${call}" is not off, on or status`);
  console.log(await action());
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
