/** `11-24 13:05`, in the reader's own time zone. */
export function localTime(at: number): string {
  return `${localDay(at)} ${localClock(at)}`;
}

/** `13:05` */
export function localClock(at: number): string {
  const date = new Date(at);
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/** `11-24` */
export function localDay(at: number): string {
  const date = new Date(at);
  return `${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

function twoDigits(count: number): string {
  return String(count).padStart(2, '0');
}
