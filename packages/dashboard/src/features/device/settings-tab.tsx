import { EmptyState } from '#components/states.tsx';

export function SettingsTab() {
  return <EmptyState title="This page comes soon">Until then the API does it: see /api/v1/docs.</EmptyState>;
}
