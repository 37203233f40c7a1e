import { Dialog, DialogBody, DialogContent } from '#components/ui/dialog.tsx';
import { usePermissions } from '#lib/api/use-session.ts';
import { useOfferedActions } from '#lib/page-actions.ts';
import { NAVIGATION } from './navigation.ts';

const ALWAYS = [
  { keys: 'Ctrl K', label: 'Search and actions' },
  { keys: '/', label: 'Search this page' },
  { keys: '↑ ↓', label: 'Move between rows' },
  { keys: 'Enter', label: 'Open a row' },
  { keys: 'Esc', label: 'Close, or leave the search' },
  { keys: '?', label: 'This list' },
];

/** Every key that does something now. */
export function ShortcutList({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const offered = useOfferedActions().flatMap(({ shortcut, label }) =>
    shortcut ? [{ keys: shortcut, label }] : [],
  );
  const may = usePermissions();
  const pages = NAVIGATION.flatMap(({ keys, label, permission }) =>
    keys && (permission === undefined || may(permission)) ? [{ keys, label: `Go to ${label}` }] : [],
  );
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title="Keyboard shortcuts">
        <DialogBody>
          <dl className="grid grid-cols-2 gap-x-8 gap-y-1.5 max-md:grid-cols-1">
            {[...offered, ...ALWAYS, ...pages].map(({ keys, label }) => (
              <div key={label} className="flex items-center justify-between gap-4">
                <dt className="text-muted">{label}</dt>
                <dd className="flex gap-1">
                  {keys.split(' ').map((key) => (
                    <kbd
                      key={key}
                      className="min-w-5 rounded-sm border border-border bg-raised px-1.5 py-px text-center font-mono text-xs"
                    >
                      {key}
                    </kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </DialogBody>
      </DialogContent>
    </Dialog>
  );
}
