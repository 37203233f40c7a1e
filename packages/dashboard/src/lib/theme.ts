import { preferences, subscribePreferences } from './preferences.ts';

/** Keeps the page in the chosen theme; `public/theme.js` has set the first one. Answers a function that ends it. */
export function followTheme(): () => void {
  const system = matchMedia('(prefers-color-scheme: light)');
  const apply = (): void => {
    const { theme } = preferences();
    const light = theme === 'light' || (theme === 'system' && system.matches);
    document.documentElement.classList.toggle('dark', !light);
  };
  system.addEventListener('change', apply);
  const stop = subscribePreferences(apply);
  apply();
  return () => {
    system.removeEventListener('change', apply);
    stop();
  };
}
