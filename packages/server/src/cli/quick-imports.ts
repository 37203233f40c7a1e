import { readFileSync } from 'node:fs';
import { enableCompileCache, registerHooks } from 'node:module';

/**
 * Makes the start of every command faster; call before anything else is imported.
 *
 * Node.js looks into a package's package.json for each file that it imports from it. That of drizzle-orm has 180 kB,
 * and it has a hundred files, which took 1.6 s of every start. Within this one package, imports are relative and all
 * `.js` files are ES modules, so there is nothing to look up: 0.1 s. Compiled code is kept between starts, too.
 */
export function quickenImports(): void {
  enableCompileCache();
  const root = new URL('./', import.meta.resolve('drizzle-orm')).href;
  registerHooks({
    resolve(specifier, context, next) {
      const within = context.parentURL?.startsWith(root) && specifier.startsWith('.');
      if (!within) return next(specifier, context);
      return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
    },
    load(url, context, next) {
      if (!url.startsWith(root) || !url.endsWith('.js')) return next(url, context);
      return { source: readFileSync(new URL(url), 'utf8'), format: 'module', shortCircuit: true };
    },
  });
}
