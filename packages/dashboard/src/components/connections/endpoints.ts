/** Host as it stands in addresses: IPv6 in brackets. */
export function hostOf({ host }: { readonly host: string }): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** `host:port`, with an IPv6 address in brackets. */
export function endpointOf(connection: { readonly host: string; readonly port: number }): string {
  return `${hostOf(connection)}:${connection.port}`;
}
