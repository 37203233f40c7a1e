import { bootstrap, inRoot } from './bootstrap.mjs';
import { buildDashboard } from './setup/dashboard.mjs';
import { SetupError } from './setup/run-quietly.mjs';

try {
  await buildDashboard(await bootstrap(null));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exit(1);
}
console.log(inRoot('packages/dashboard/dist'));
