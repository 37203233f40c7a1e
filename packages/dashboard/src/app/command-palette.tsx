import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { BellRing, Cable, type LucideIcon, RotateCw, Smartphone } from 'lucide-react';
import { Dialog as Primitive, VisuallyHidden } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import {
  Command,
  CommandEmpty,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
} from '#components/ui/command.tsx';
import { queries } from '#lib/api/queries.ts';
import { usePermissions } from '#lib/api/use-session.ts';
import { useFindPhone } from '#lib/find-phone.ts';
import { useOfferedActions } from '#lib/page-actions.ts';
import { returnFocus } from '#lib/return-focus.ts';
import { useRotate } from '#lib/rotate.ts';
import { NAVIGATION } from './navigation.ts';
import { useGlobalActions } from './palette-actions.ts';

/** How many of each kind are shown. */
const SHOWN = 6;
/** Groups that are short enough to be shown whole. */
const ALL_SHOWN = new Set(['On this page', 'Pages', 'Anywhere']);

interface Entry {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** On the right: an address or a key. */
  readonly detail?: ReactNode;
  /** What else it is found by. */
  readonly words?: string;
  readonly run: () => void;
}

/** Finds pages, devices and connections, and does what can be done with them. */
export function CommandPalette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const groups = useGroups(text);
  return (
    <Primitive.Root open onOpenChange={(open) => !open && onClose()}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 animate-appear bg-black/55" />
        <Primitive.Content
          aria-describedby={undefined}
          onCloseAutoFocus={returnFocus}
          className="fixed top-[14vh] left-1/2 z-50 w-[min(36rem,calc(100vw-2rem))] -translate-x-1/2 animate-appear overflow-hidden rounded-xl border border-border bg-overlay shadow-2xl"
        >
          <VisuallyHidden.Root>
            <Primitive.Title>Search and actions</Primitive.Title>
          </VisuallyHidden.Root>
          <Command shouldFilter={false} label="Search and actions">
            <CommandInput
              value={text}
              onValueChange={setText}
              placeholder="Find a device, a connection, a page…"
            />
            <CommandList>
              <CommandEmpty className="px-3 py-6 text-center text-muted">Nothing is called that</CommandEmpty>
              {groups.map(({ name, entries }) => (
                <CommandGroup key={name} heading={name}>
                  {entries.map(({ id, label, icon: Icon, detail, run }) => (
                    <CommandItem
                      key={id}
                      value={id}
                      onSelect={() => {
                        onClose();
                        run();
                      }}
                    >
                      <Icon aria-hidden />
                      <span className="truncate">{label}</span>
                      <span className="figures ml-auto shrink-0 text-faint text-xs">{detail}</span>
                    </CommandItem>
                  ))}
                </CommandGroup>
              ))}
            </CommandList>
          </Command>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** What matches, in the order in which it is likely to be wanted. */
function useGroups(text: string) {
  const offered = useOfferedActions();
  const [pages, things] = [usePages(), useThings()];
  const general = { name: 'Anywhere', entries: useGlobalActions() };
  const actions = offered.map(({ shortcut, ...action }): Entry => ({ ...action, detail: shortcut }));
  const groups: { name: string; entries: readonly Entry[] }[] = [
    { name: 'On this page', entries: actions },
    ...(text.trim() === '' ? [pages, general, ...things] : [...things, general, pages]),
  ];
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return groups
    .map(({ name, entries }) => ({
      name,
      entries: entries
        .filter((entry) => {
          const found = `${entry.label} ${entry.words ?? ''}`.toLowerCase();
          return words.every((word) => found.includes(word));
        })
        .slice(0, ALL_SHOWN.has(name) ? 20 : SHOWN),
    }))
    .filter(({ entries }) => entries.length > 0);
}

function usePages(): { name: string; entries: Entry[] } {
  const may = usePermissions();
  const navigate = useNavigate();
  const entries = NAVIGATION.filter(({ permission }) => permission === undefined || may(permission)).map(
    ({ label, to, icon, keys }): Entry => ({
      ...{ id: `page ${to}`, label, icon, detail: keys },
      run: () => void navigate({ to }),
    }),
  );
  return { name: 'Pages', entries };
}

function useThings(): { name: string; entries: Entry[] }[] {
  const may = usePermissions();
  const navigate = useNavigate();
  const rotate = useRotate();
  const { data: devices = [] } = useQuery({ ...queries.devices(), enabled: may('devices:read') });
  const { data: connections = [] } = useQuery({ ...queries.connections(), enabled: may('connections:read') });
  const ring = useFindPhone();
  const findable = may('commands:write')
    ? devices.filter(({ status, capabilities }) => status === 'online' && capabilities.includes('find_phone'))
    : [];
  const rotatable = may('rotations:write') ? devices.filter(({ status }) => status === 'online') : [];
  return [
    {
      name: 'Devices',
      entries: devices.map((device) => ({
        ...{
          id: `device ${device.id}`,
          label: device.name,
          icon: Smartphone,
          detail: device.exitIp ?? device.status,
        },
        words: `${device.exitIp ?? ''} ${device.carrier ?? ''} ${device.model ?? ''}`,
        run: () => void navigate({ to: '/devices/$id', params: { id: device.id } }),
      })),
    },
    {
      name: 'Connections',
      entries: connections.map((connection) => ({
        ...{
          id: `connection ${connection.id}`,
          label: connection.name,
          icon: Cable,
          detail: connection.port,
        },
        words: `${connection.port} ${connection.username}`,
        run: () => void navigate({ to: '/connections/$id', params: { id: connection.id } }),
      })),
    },
    {
      name: 'Actions',
      entries: [
        ...rotatable.map(({ id, name, exitIp }) => ({
          ...{ id: `rotate ${id}`, label: `Rotate ${name}`, icon: RotateCw, detail: exitIp },
          run: () => rotate.mutate({ id, name }),
        })),
        ...findable.map(({ id, name }) => ({
          ...{ id: `find ${id}`, label: `Find ${name}`, icon: BellRing, words: 'ring' },
          run: () => ring.mutate({ id, name }),
        })),
      ],
    },
  ];
}
