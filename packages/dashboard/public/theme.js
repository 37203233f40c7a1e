// Runs before anything is drawn, so that no page flashes in the wrong theme. `src/lib/theme.ts` changes it later.
const chosen = localStorage.getItem('pocketproxy.theme') ?? 'dark';
const light =
  chosen === 'light' || (chosen === 'system' && matchMedia('(prefers-color-scheme: light)').matches);
document.documentElement.classList.toggle('dark', !light);
