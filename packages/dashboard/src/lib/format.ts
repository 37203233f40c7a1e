import { preferences } from './preferences.ts';

const IEC = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const SI = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const NO_BREAK = '\u00a0';
/** Stands where there is nothing to say. */
export const NOTHING = '–';

type ByteUnits = 'iec' | 'si';

/** `1.5 GiB`, in the chosen units: three digits that mean something. */
export function formatBytes(
  bytes: number | null | undefined,
  units: ByteUnits = preferences().byteUnits,
): string {
  if (bytes === null || bytes === undefined) return NOTHING;
  const [base, names] = units === 'iec' ? [1024, IEC] : [1000, SI];
  let [value, at] = [bytes, 0];
  // 999.6 would be written as 1000.
  while (Math.abs(value) >= (at === 0 ? base : 999.5) && at < names.length - 1) {
    value /= base;
    at += 1;
  }
  return `${at === 0 ? value : threeDigits(value)}${NO_BREAK}${names[at]}`;
}

/** `12.4 Mbit/s`: rates are in Mbit/s everywhere, so that they compare. */
export function formatRate(bitsPerSecond: number | null | undefined): string {
  if (bitsPerSecond === null || bitsPerSecond === undefined) return NOTHING;
  return `${threeDigits(bitsPerSecond / 1e6)}${NO_BREAK}Mbit/s`;
}

/** `7.2 s`, `450 ms`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NOTHING;
  if (ms < 1_000) return `${Math.round(ms)}${NO_BREAK}ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1).replace(/[.]0$/, '')}${NO_BREAK}s`;
  const seconds = Math.round(ms / 1_000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${NO_BREAK}${unit}`)
    .join(' ');
}

/** `3 min ago`, `in 2 h`, `just now`. */
export function formatRelative(at: number, now: number): string {
  const seconds = Math.round(Math.abs(now - at) / 1_000);
  if (seconds < 5) return 'just now';
  const [count, unit] =
    seconds < 60
      ? [seconds, 's']
      : seconds < 3_600
        ? [Math.floor(seconds / 60), 'min']
        : seconds < 86_400
          ? [Math.floor(seconds / 3_600), 'h']
          : [Math.floor(seconds / 86_400), 'd'];
  const text = `${count}${NO_BREAK}${unit}`;
  return at > now ? `in ${text}` : `${text} ago`;
}

/** In the reader's own time zone, to the second, with the zone: `2026-11-24 13:05:09 GMT+1`. */
export function formatExact(at: number | string | Date): string {
  const parts = Object.fromEntries(EXACT.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}:${parts.second} ${parts.timeZoneName}`;
}

const EXACT = new Intl.DateTimeFormat('en-GB', {
  ...({ year: 'numeric', month: '2-digit', day: '2-digit' } as const),
  ...({ hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' } as const),
});

const COUNT = new Intl.NumberFormat('en-GB');

/** `12,480` */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** `3 devices`, `1 device`: with `plural` where an s does not do. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : 2);
}
