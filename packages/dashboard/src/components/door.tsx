import { type ReactNode, useEffect } from 'react';

/** A page for those who are not signed in: one narrow column. */
export function Door({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · PocketProxy`;
  }, [title]);
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="flex w-full max-w-80 flex-col gap-5">
        <header className="flex flex-col gap-1.5">
          <img src="/favicon.svg" alt="" className="mb-3 size-8 rounded-md border border-border" />
          <h1 className="font-semibold text-xl">{title}</h1>
          {lead !== undefined && <p className="text-muted">{lead}</p>}
        </header>
        {children}
      </div>
    </main>
  );
}
