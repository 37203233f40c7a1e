import { chmodSync, statSync } from 'node:fs';
import { bootstrap, inRoot } from './bootstrap.mjs';

await bootstrap(null);
const { build } = await import('esbuild');

// One file without native parts: phones have Node.js 18 and no compiler. Bundled CommonJS packages call `require`.
const outfile = inRoot('packages/agent/dist/pocketproxy-agent.mjs');
await build({
  entryPoints: [inRoot('packages/agent/src/cli.ts')],
  outfile,
  inject: [inRoot('scripts/setup/agent-on-old-node.mjs')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node18',
  legalComments: 'none',
  banner: {
    js: `import { createRequire as createBundleRequire } from 'node:module';\nconst require = createBundleRequire(import.meta.url);`,
  },
});
chmodSync(outfile, 0o755);
console.log(`${outfile} (${Math.round(statSync(outfile).size / 1024)} KB)`);
