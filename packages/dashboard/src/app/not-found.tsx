import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { useEffect } from 'react';
import { EmptyState } from '#components/states.tsx';
import { Button } from '#components/ui/button.tsx';

export function NotFound() {
  useEffect(() => {
    document.title = 'Not found · PocketProxy';
  }, []);
  return (
    <EmptyState
      icon={Compass}
      title="There is no such page"
      action={
        <Button asChild>
          <Link to="/">Go to the overview</Link>
        </Button>
      }
    >
      The address may be misspelt, or what was here was deleted.
    </EmptyState>
  );
}
