import './styles.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Toaster } from '#app/toaster.tsx';
import { TooltipProvider } from '#components/ui/tooltip.tsx';
import { queryClient } from '#lib/api/query-client.ts';
import { session } from '#lib/api/session.ts';
import { sayFieldMessages } from '#lib/field-messages.ts';
import { startLive } from '#lib/live/live.ts';
import { followFocus } from '#lib/return-focus.ts';
import { followTheme } from '#lib/theme.ts';
import { router } from './router.ts';

sayFieldMessages();
followTheme();
followFocus();
startLive();
session.subscribe(() => {
  // Nothing of one account is shown to the next.
  if (session.state.status === 'signed-out') queryClient.clear();
  // Guards of routes decide anew.
  void router.invalidate();
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root"');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <TooltipProvider delayDuration={300}>
        <RouterProvider router={router} />
        <Toaster />
      </TooltipProvider>
    </QueryClientProvider>
  </StrictMode>,
);
