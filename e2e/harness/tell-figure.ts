/** Prints what a test has measured of a row of docs/reliability.md, beside what it has asserted. */
export function tellFigure(row: number, figure: string): void {
  console.log(`row ${row}: ${figure}`);
}

/** `123 ms` */
export function inMs(milliseconds: number): string {
  return `${milliseconds.toFixed(0)} ms`;
}
