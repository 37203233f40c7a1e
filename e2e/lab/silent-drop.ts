import type { Host } from './host.ts';

/** Makes a host swallow all IP packets that it would forward or exchange, without telling anyone: no RST, no ICMP. */
export async function dropSilently(host: Host): Promise<void> {
  await host.nft(`table inet silent {
    chain in {
      type filter hook prerouting priority -300;
      iifname != "lo" drop
    }
    chain out {
      type filter hook output priority -300;
      oifname != "lo" drop
    }
  }`);
}

/** Makes a router swallow all IP packets from and to one of its networks, as a radio hole does. */
export async function dropSilentlyAt(router: Host, device: string): Promise<void> {
  await router.nft(`table inet silent {
    chain in {
      type filter hook prerouting priority -300;
      iifname "${device}" drop
    }
    chain out {
      type filter hook postrouting priority -300;
      oifname "${device}" drop
    }
  }`);
}

/** Ends either. */
export async function stopDropping(host: Host): Promise<void> {
  await host.nft('delete table inet silent');
}
