import { Link, type LinkProps } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { cn } from '#lib/cn.ts';

export interface Crumb {
  readonly label: string;
  readonly to: LinkProps['to'];
  readonly params?: LinkProps['params'];
}

export interface PageHeaderProps {
  readonly title: string;
  /** Where this page is, from the top, without itself. */
  readonly crumbs?: readonly Crumb[];
  /** Beside the title, such as a status. */
  readonly aside?: ReactNode;
  /** Buttons on the right, the main one last. */
  readonly actions?: ReactNode;
  /** Below the title: a line of facts. */
  readonly children?: ReactNode;
}

/** Head of each page. Sets the title of the document, too. */
export function PageHeader({ title, crumbs = [], aside, actions, children }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · PocketProxy`;
  }, [title]);
  return (
    <header className="flex flex-col gap-2 px-6 pt-5 pb-4 max-md:px-4">
      {crumbs.length > 0 && <Breadcrumbs crumbs={crumbs} />}
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 items-center gap-3">
          <h1 className="truncate font-semibold text-xl">{title}</h1>
          {aside}
        </div>
        {actions !== undefined && <div className="flex items-center gap-2">{actions}</div>}
      </div>
      {children}
    </header>
  );
}

function Breadcrumbs({ crumbs }: { readonly crumbs: readonly Crumb[] }) {
  return (
    <nav aria-label="Breadcrumbs">
      <ol className="flex items-center gap-1 text-muted text-xs">
        {crumbs.map(({ label, to, params }) => (
          <li key={label} className="flex items-center gap-1">
            <Link to={to} params={params} className="rounded-sm hover:text-foreground">
              {label}
            </Link>
            <ChevronRight aria-hidden className="size-3 text-faint" />
          </li>
        ))}
      </ol>
    </nav>
  );
}

export interface SectionProps {
  readonly title: string;
  /** One sentence below the title. */
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  /** What it holds goes from edge to edge, as tables do. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** A part of a page with a heading. */
export function Section({ title, lead, actions, flush, children }: SectionProps) {
  const edge = 'px-6 max-md:px-4';
  return (
    <section className={cn('flex flex-col gap-3 py-4', !flush && edge)}>
      <div
        className={cn('flex min-h-7 flex-wrap items-center justify-between gap-x-4 gap-y-2', flush && edge)}
      >
        <div className="flex min-w-0 flex-col gap-0.5">
          <h2 className="font-semibold text-lg">{title}</h2>
          {lead !== undefined && <p className="max-w-2xl text-muted">{lead}</p>}
        </div>
        {actions !== undefined && <div className="flex items-center gap-2">{actions}</div>}
      </div>
      {children}
    </section>
  );
}
