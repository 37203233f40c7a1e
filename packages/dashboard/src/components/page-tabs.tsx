import { Link, type LinkProps } from '@tanstack/react-router';

export interface PageTab {
  readonly label: string;
  readonly to: LinkProps['to'];
}

export interface PageTabsProps {
  /** What they are parts of. */
  readonly label: string;
  readonly tabs: readonly PageTab[];
  readonly params?: LinkProps['params'];
}

/** Tabs of a page; each is a page of its own, so that back works and a link leads to it. */
export function PageTabs({ label, tabs, params }: PageTabsProps) {
  return (
    <nav aria-label={label} className="overflow-x-auto border-border border-b px-6 max-md:px-4">
      <ul className="flex gap-5">
        {tabs.map((tab) => (
          <li key={tab.label}>
            <Link
              to={tab.to}
              params={params}
              className="flex h-9 items-center whitespace-nowrap text-muted transition-colors hover:text-foreground aria-[current=page]:text-foreground aria-[current=page]:shadow-[inset_0_-1px_var(--foreground)]"
            >
              {tab.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
