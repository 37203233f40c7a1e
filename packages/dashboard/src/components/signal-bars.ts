/** The least that each further bar needs, in dBm, as Android draws them for LTE. */
const LEAST_DBM = [-115, -105, -95, -85];

/** How many of four bars are lit. */
export function signalBars(dbm: number): number {
  return LEAST_DBM.filter((least) => dbm >= least).length;
}
