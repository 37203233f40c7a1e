import type { Message, MessageEvent } from './message.ts';

/** A message as people read it. All of it is one line of plain text each. */
export interface Words {
  readonly subject: string;
  /** What an inbox shows beside the subject. */
  readonly summary: string;
  readonly tone: 'bad' | 'good' | 'neutral';
  readonly facts: readonly Fact[];
}

interface Fact {
  readonly label: string;
  readonly value: string;
}

type Data = Message['data'];
type Phrase = Pick<Words, 'subject' | 'summary' | 'tone'>;

const PHRASES: Readonly<Record<MessageEvent, (data: Data) => Phrase>> = {
  'device.offline': (data) => ({
    subject: `${device(data)} is offline`,
    summary: `Nothing was heard of it for two minutes. Its customers get errors until it is back.`,
    tone: 'bad',
  }),
  'device.recovered': (data) => ({
    subject: `${device(data)} is online again`,
    summary: `It was offline for ${duration(number(data, 'offlineSeconds') ?? 0)}.`,
    tone: 'good',
  }),
  'device.paired': (data) => ({
    subject: `${device(data)} was paired`,
    summary: 'A new phone can be used. If nobody of yours paired it, delete it.',
    tone: 'neutral',
  }),
  'quota.warning': (data) => ({
    subject: `${connection(data)} has used ${percent(data) ?? '80 %'} of its quota`,
    summary: 'When the quota is used up, its traffic is refused.',
    tone: 'neutral',
  }),
  'quota.exhausted': (data) => ({
    subject: `${connection(data)} has used up its quota`,
    summary: 'Its traffic is refused until the quota is raised or begins anew.',
    tone: 'bad',
  }),
  'rotation.failing': (data) => ({
    subject: `${device(data)} does not get a new address`,
    summary: `${number(data, 'failures') ?? 'Several'} rotations in a row have failed.`,
    tone: 'bad',
  }),
  'agent.outdated': (data) => ({
    subject: `The agent of ${device(data)} is outdated`,
    summary: `It is older than this server. Update it when the phone is not in use.`,
    tone: 'neutral',
  }),
  'channel.test': () => ({
    subject: 'Test message',
    summary: 'This channel works: what happens to your phones will be told here.',
    tone: 'good',
  }),
};

/** How members of the data are shown, in this order. Others are for programs. */
const FACTS: readonly (readonly [name: string, label: string, show: (value: unknown) => string])[] = [
  ['deviceName', 'Phone', String],
  ['connectionName', 'Connection', String],
  ['offlineSince', 'Offline since', timeWords],
  ['lastSeenAt', 'Last seen', timeWords],
  ['usedBytes', 'Used', bytes],
  ['quotaBytes', 'Quota', bytes],
  ['failures', 'Failures in a row', String],
  ['ip', 'Address', String],
  ['reason', 'Reason', (value) => String(value).replaceAll('_', ' ')],
  ['model', 'Model', String],
  ['platform', 'Platform', String],
  ['agentVersion', 'Agent', String],
  ['serverVersion', 'Server', String],
  ['channelName', 'Channel', String],
];

/** What a message says to people, whatever its data holds: names come from phones and customers. */
export function wordsOf({ event, at, data }: Message): Words {
  const { subject, summary, tone } = PHRASES[event](data);
  const facts = FACTS.filter(([name]) => data[name] !== undefined && data[name] !== null).map(
    ([name, label, show]) => ({ label, value: oneLine(show(data[name])) }),
  );
  return {
    ...{ subject: oneLine(subject), summary: oneLine(summary), tone },
    facts: [...facts, { label: 'Time', value: timeWords(at) }],
  };
}

/** Also zero-width space, marks and overrides of direction, and invisible operators; joiners are part of words. */
const NOT_IN_A_LINE = /[\p{Cc}\p{Zl}\p{Zp}\s\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]+/gu;

/**
 * Text as one line: no line breaks, no control characters, none of the invisible ones that turn the direction of
 * writing, at most 200 characters.
 */
export function oneLine(text: string): string {
  const plain = text.toWellFormed().replace(NOT_IN_A_LINE, ' ');
  return [...plain.trim()].slice(0, 200).join('');
}

function device(data: Data): string {
  return name(data, 'deviceName') ?? 'A phone';
}

function connection(data: Data): string {
  return name(data, 'connectionName') ?? 'A connection';
}

function name(data: Data, key: string): string | null {
  const value = data[key];
  const text = typeof value === 'string' ? [...oneLine(value)].slice(0, 80).join('') : '';
  return text === '' ? null : text;
}

function number(data: Data, key: string): number | null {
  const value = data[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function percent(data: Data): string | null {
  const [used, quota] = [number(data, 'usedBytes'), number(data, 'quotaBytes')];
  return used === null || !quota ? null : `${Math.floor((used / quota) * 100)} %`;
}

const TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** A point in time for people, in UTC. */
export function timeWords(value: unknown): string {
  const at = new Date(value instanceof Date ? value : String(value));
  return Number.isNaN(at.getTime()) ? String(value) : `${TIME.format(at)} UTC`;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

function bytes(value: unknown): string {
  let amount = Number(value);
  let unit = 0;
  for (; amount >= 1000 && unit < UNITS.length - 1; unit += 1) amount /= 1000;
  return `${unit === 0 ? amount : amount.toPrecision(3)} ${UNITS[unit]}`;
}

/** `seconds` in the two units that say most, such as `2 h 5 min`. */
function duration(seconds: number): string {
  const parts = [
    ...[[Math.floor(seconds / 86_400), 'd'] as const, [Math.floor(seconds / 3600) % 24, 'h'] as const],
    ...[[Math.floor(seconds / 60) % 60, 'min'] as const, [Math.floor(seconds) % 60, 's'] as const],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return '0 s';
  const shown = parts.slice(first, first + 2).filter(([amount]) => amount > 0);
  return shown.map(([amount, unit]) => `${amount} ${unit}`).join(' ');
}
