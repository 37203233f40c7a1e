import type { Config } from '../config.ts';
import type { RunningDemo } from '../demo.ts';
import type { RunningServer } from '../main.ts';

export interface SummaryOptions {
  readonly config: Pick<Config, 'adminPassword' | 'dataDir'>;
  readonly server: Pick<RunningServer, 'control' | 'firstAdministrator' | 'vpn'>;
  readonly demo: Pick<RunningDemo, 'curl' | 'connection'> | null;
  readonly startedInMs: number;
}

/** What a person in front of the terminal needs to know once everything runs. */
export function summary({ config, server, demo, startedInMs }: SummaryOptions): string {
  const { control, firstAdministrator: login, vpn } = server;
  const rows: [string, string][] = [];
  if (control) rows.push(['URL', control.url], ['API', `${control.url}/api/v1/docs`]);
  if (login) {
    rows.push(['E-mail', login.email]);
    const shown = config.adminPassword === null ? `${login.password}   (shown this once)` : 'as you set it';
    rows.push(['Password', shown]);
  } else if (control) {
    rows.push([
      'Password',
      'shown at the first start; for a new one: npx pocketproxy user password <e-mail>',
    ]);
  }
  rows.push(['Data', config.dataDir]);
  if (vpn) rows.push(['OpenVPN', vpn.state === 'on' ? `UDP port ${vpn.port}` : `off; ${vpn.reason}`]);
  const lines = rows.map(([name, value]) => `  ${name.padEnd(10)}${value}`);
  return [
    '',
    `PocketProxy runs (started in ${(startedInMs / 1000).toFixed(1)} s)`,
    '',
    ...lines,
    ...(demo ? ['', ...demoLines(demo)] : []),
    '',
    '  Ctrl-C stops everything.',
    '',
  ].join('\n');
}

function demoLines({ curl, connection }: NonNullable<SummaryOptions['demo']>): string[] {
  if (curl !== null) return ['  Through the simulated phone:', '', `    ${curl}`];
  const { port, username } = connection;
  return [
    `  The simulated phone is behind port ${port}, user ${username}, with the password that was set by the API.`,
  ];
}
