import { type ComponentType, lazy, type ReactNode, Suspense, useState } from 'react';

/** A dialog whose script comes when it is opened for the first time: most who see its button never press it. */
export function lazyDialog<P extends { readonly open: boolean }>(
  load: () => Promise<ComponentType<P>>,
): (props: P) => ReactNode {
  const Loaded = lazy(async () => ({ default: await load() }));
  return (props) => (
    <OnceOpened open={props.open}>
      <Loaded {...props} />
    </OnceOpened>
  );
}

/** What was opened stays: it may be closing, or show what came of it. */
function OnceOpened({ open, children }: { readonly open: boolean; readonly children: ReactNode }) {
  const [wasOpened, setWasOpened] = useState(open);
  if (open && !wasOpened) setWasOpened(true);
  return wasOpened && <Suspense>{children}</Suspense>;
}
