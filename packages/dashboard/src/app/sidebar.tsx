import { Link } from '@tanstack/react-router';
import { Keyboard, PanelLeft, Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Tooltip } from '#components/ui/tooltip.tsx';
import { usePermissions } from '#lib/api/use-session.ts';
import { cn } from '#lib/cn.ts';
import { setPreference, usePreferences } from '#lib/preferences.ts';
import { AccountMenu } from './account-menu.tsx';
import { LiveIndicator } from './live-indicator.tsx';
import { NAVIGATION } from './navigation.ts';

export interface SidebarProps {
  readonly onPalette: () => void;
  readonly onShortcuts: () => void;
}

/** Where one can go. It can be made narrow, which this browser remembers. */
export function Sidebar(props: SidebarProps) {
  const collapsed = usePreferences().sidebar === 'collapsed';
  return (
    <aside
      className={cn(
        'flex shrink-0 flex-col border-border border-r px-2 pt-3 pb-2 max-lg:hidden',
        collapsed ? 'w-[52px]' : 'w-52',
      )}
    >
      <div className={cn('mb-3 flex items-center justify-between', collapsed ? 'px-0.5' : 'pr-0 pl-2')}>
        {!collapsed && (
          <Link to="/" className="flex items-center gap-2 rounded-sm font-semibold">
            <img src="/favicon.svg" alt="" className="size-4.5" />
            PocketProxy
          </Link>
        )}
        <Button
          variant="ghost"
          size="icon"
          aria-label={collapsed ? 'Widen the sidebar' : 'Narrow the sidebar'}
          onClick={() => setPreference('sidebar', collapsed ? 'open' : 'collapsed')}
        >
          <PanelLeft />
        </Button>
      </div>
      <SidebarLinks collapsed={collapsed} {...props} />
    </aside>
  );
}

const ROW =
  'flex h-8 w-full items-center gap-2.5 rounded-md px-2.5 text-muted transition-colors hover:bg-hover hover:text-foreground [&_svg]:size-4 [&_svg]:shrink-0';

/** What the sidebar holds, also where it is a sheet. */
export function SidebarLinks({
  collapsed,
  onPalette,
  onShortcuts,
}: SidebarProps & { readonly collapsed: boolean }) {
  const may = usePermissions();
  const shown = NAVIGATION.filter(({ permission }) => permission === undefined || may(permission));
  return (
    <>
      <Hinted text="Search and actions" shown={collapsed}>
        <button
          type="button"
          aria-label={collapsed ? 'Search and actions' : undefined}
          className={cn(ROW, 'mb-2')}
          onClick={onPalette}
        >
          <Search aria-hidden />
          {!collapsed && (
            <>
              Search
              <kbd
                aria-hidden
                className="ml-auto rounded-sm border border-border px-1 font-mono text-[11px] text-faint"
              >
                Ctrl K
              </kbd>
            </>
          )}
        </button>
      </Hinted>
      <nav aria-label="Main" className="min-h-0 flex-1 overflow-y-auto">
        <ul className="flex flex-col gap-px">
          {shown.map(({ label, to, icon: Icon }) => (
            <li key={label}>
              <Hinted text={label} shown={collapsed}>
                <Link
                  to={to}
                  activeOptions={{ exact: to === '/', includeSearch: false }}
                  aria-label={collapsed ? label : undefined}
                  className={cn(ROW, 'aria-[current=page]:bg-hover aria-[current=page]:text-foreground')}
                >
                  <Icon aria-hidden />
                  {!collapsed && label}
                </Link>
              </Hinted>
            </li>
          ))}
        </ul>
      </nav>
      <div className="flex flex-col gap-px pt-2">
        <div className={cn('flex h-8 items-center px-2.5', collapsed && 'justify-center px-0')}>
          <LiveIndicator compact={collapsed} />
        </div>
        <Hinted text="Keyboard shortcuts" shown={collapsed}>
          <button
            type="button"
            aria-label={collapsed ? 'Keyboard shortcuts' : undefined}
            className={ROW}
            onClick={onShortcuts}
          >
            <Keyboard aria-hidden />
            {!collapsed && 'Shortcuts'}
          </button>
        </Hinted>
        <AccountMenu collapsed={collapsed} />
      </div>
    </>
  );
}

/** The name of what is only an icon. */
function Hinted({ text, shown, children }: { text: string; shown: boolean; children: ReactNode }) {
  return shown ? <Tooltip text={text}>{<span className="block">{children}</span>}</Tooltip> : children;
}
