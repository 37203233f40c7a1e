import { Menu } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog, DialogContent, DialogTrigger } from '#components/ui/dialog.tsx';
import { LiveIndicator } from './live-indicator.tsx';
import { PageGate } from './page-gate.tsx';
import { ShortcutList } from './shortcut-list.tsx';
import { Sidebar, SidebarLinks } from './sidebar.tsx';
import { useShortcuts } from './use-shortcuts.ts';

const CommandPalette = lazy(async () => ({
  default: (await import('./command-palette.tsx')).CommandPalette,
}));

/** What is around every page: where one can go, what can be done, and whether it is live. */
export function Shell() {
  const [palette, setPalette] = useState(false);
  const [shortcuts, setShortcuts] = useState(false);
  useShortcuts({ onPalette: () => setPalette(true), onHelp: () => setShortcuts(true) });
  return (
    <div className="flex h-dvh overflow-hidden">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-overlay focus:px-3 focus:py-1.5"
      >
        Skip to content
      </a>
      <Sidebar onPalette={() => setPalette(true)} onShortcuts={() => setShortcuts(true)} />
      <div className="flex min-w-0 flex-1 flex-col">
        <NarrowBar onPalette={() => setPalette(true)} onShortcuts={() => setShortcuts(true)} />
        {/* Without a background of its own, all of it is drawn again for each step of scrolling. */}
        <main
          id="main"
          data-scroll
          tabIndex={-1}
          className="min-h-0 flex-1 overflow-y-auto bg-background outline-none"
        >
          <PageGate />
        </main>
      </div>
      {palette && (
        <Suspense>
          <CommandPalette onClose={() => setPalette(false)} />
        </Suspense>
      )}
      <ShortcutList open={shortcuts} onOpenChange={setShortcuts} />
    </div>
  );
}

interface NarrowBarProps {
  readonly onPalette: () => void;
  readonly onShortcuts: () => void;
}

/** Above the page on narrow screens, where the sidebar is a sheet. */
function NarrowBar(props: NarrowBarProps) {
  const [open, setOpen] = useState(false);
  return (
    <div className="hidden h-11 shrink-0 items-center gap-2 border-border border-b px-3 max-lg:flex">
      <Dialog open={open} onOpenChange={setOpen}>
        <DialogTrigger asChild>
          <Button variant="ghost" size="icon" aria-label="Menu">
            <Menu />
          </Button>
        </DialogTrigger>
        <DialogContent side="left" title="PocketProxy">
          {/* biome-ignore lint/a11y/noStaticElementInteractions: the links in it are what is pressed */}
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: a press on a link by keyboard is a click, too */}
          <div className="flex min-h-0 flex-1 flex-col px-2 pb-2" onClick={() => setOpen(false)}>
            <SidebarLinks collapsed={false} {...props} />
          </div>
        </DialogContent>
      </Dialog>
      <span className="font-semibold">PocketProxy</span>
      <span className="ml-auto">
        <LiveIndicator />
      </span>
    </div>
  );
}
