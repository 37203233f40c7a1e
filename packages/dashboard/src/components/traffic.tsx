import { ArrowDown, ArrowUp } from 'lucide-react';
import { formatBytes } from '#lib/format.ts';

export interface TrafficProps {
  /** Bytes towards the customer, and from it. */
  readonly down: number;
  readonly up: number;
}

/** Both directions beside each other. */
export function Traffic({ down, up }: TrafficProps) {
  return (
    <span className="figures inline-flex items-center gap-1 whitespace-nowrap align-middle">
      <ArrowDown role="img" aria-label="Download" className="size-3.5 text-faint" />
      {formatBytes(down)}
      <ArrowUp role="img" aria-label="Upload" className="ml-1.5 size-3.5 text-faint" />
      {formatBytes(up)}
    </span>
  );
}
