/** One thing that programs do, ready to be pasted. */
export interface Example {
  readonly title: string;
  readonly text: string;
  /** Without it the call would be refused. */
  readonly permission: string;
}

/** Calls that people begin with. `key` stands for an API key. */
export function examplesOf(
  origin: string,
  ids: { readonly deviceId: string | undefined; readonly key: string },
): Example[] {
  const { deviceId = '<device id>', key } = ids;
  const curl = (rest: string): string => `curl -H 'Authorization: Bearer ${key}' ${rest}`;
  const json = (body: object): string =>
    `-H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(body)}'`;
  return [
    { permission: 'devices:read', title: 'List the phones', text: curl(`${origin}/api/v1/devices`) },
    {
      permission: 'rotations:write',
      title: 'Rotate one, and wait for the new address',
      text: curl(`-X POST \\\n  '${origin}/api/v1/devices/${deviceId}/rotate?waitSeconds=60'`),
    },
    {
      permission: 'connections:write',
      title: 'Create a connection with 10 GB a month',
      text: curl(
        `${json({ deviceId, name: 'acme-1', quotaBytes: 10_000_000_000, quotaPeriod: 'month' })} \\\n  ${origin}/api/v1/connections`,
      ),
    },
    {
      permission: 'live:read',
      title: 'Hear of everything as it happens',
      text: `npx wscat -s pocketproxy.live -H 'Authorization: Bearer ${key}' -c ${origin.replace(/^http/, 'ws')}/api/v1/live`,
    },
  ];
}
