import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { ErrorState } from '#components/states.tsx';

/** Stands in for a page that could not be drawn. */
export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = (): void => {
    reset();
    void router.invalidate();
  };
  return <ErrorState error={error} title="This page could not be shown" onRetry={retry} />;
}
