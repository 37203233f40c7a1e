import type { RelayStatusView } from '@pocketproxy/protocol/api';
import { CopyText } from '#components/copy.tsx';
import { Facts } from '#components/facts.tsx';
import { Section } from '#components/page.tsx';
import { Status } from '#components/status.tsx';
import { Time } from '#components/time.tsx';
import { Alert } from '#components/ui/alert.tsx';
import { Progress } from '#components/ui/progress.tsx';
import { formatCount } from '#lib/format.ts';

/** Before a relay is known. */
export function RelaySkeleton() {
  const names = ['Status', 'Public host', 'Phones dial', 'Connections’ ports', 'OpenVPN'];
  return (
    <Section title="Relay">
      <Facts facts={names.map((name) => [name, undefined])} />
    </Section>
  );
}

/** One process that carries traffic: where it is reached, how much room it has, and OpenVPN. */
export function RelaySection({ relay, title }: { readonly relay: RelayStatusView; readonly title: string }) {
  const { alive, heartbeatAt, publicHost, tunnelPort, firstPort, lastPort, usedPorts, openVpn } = relay;
  const ports = lastPort - firstPort + 1;
  return (
    <Section title={title}>
      <Facts
        facts={[
          [
            'Status',
            alive ? (
              <Status key="status" tone="good" word="Running" />
            ) : (
              <span key="status" className="flex gap-3">
                <Status tone="bad" word="Dead" />
                <span className="text-muted">
                  last sign of life <Time at={heartbeatAt} />
                </span>
              </span>
            ),
          ],
          ['Public host', <CopyText key="host" text={publicHost} what="public host" />],
          [
            'Phones dial',
            <span key="tunnel" className="figures">{`${publicHost}:${tunnelPort} (TCP)`}</span>,
          ],
          [
            'Connections’ ports',
            <span key="ports" className="flex flex-wrap items-center gap-x-3">
              <span className="figures">{`${firstPort}–${lastPort}`}</span>
              <Progress value={usedPorts / ports} label="Ports that are taken" />
              <span className="text-muted">{`${formatCount(usedPorts)} of ${formatCount(ports)} taken`}</span>
            </span>,
          ],
          [
            'OpenVPN',
            openVpn.state === 'on' ? (
              <span key="vpn" className="flex gap-3">
                <Status tone="good" word="On" />
                <span className="figures text-muted">{`port ${openVpn.port} (UDP)`}</span>
              </span>
            ) : (
              <Status key="vpn" tone="idle" word="Off" />
            ),
          ],
        ]}
      />
      {openVpn.reason !== null && (
        <Alert tone="warning" title="Why OpenVPN is off" className="max-w-2xl">
          {openVpn.reason.split('; ').map((reason) => (
            <p key={reason} className="break-words">
              {reason}
            </p>
          ))}
        </Alert>
      )}
    </Section>
  );
}
