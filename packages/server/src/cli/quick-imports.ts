import { readFileSync } from 'node:fs';
import { constants, enableCompileCache, type ResolveFnOutput, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The package that a folder belongs to, as the package.json next above it says. */
interface PackageScope {
  /** URL of its folder. */
  readonly root: string;
  /** Whether its `.js` and `.ts` files are ES modules. */
  readonly isModule: boolean;
}

/** Where `npm start` keeps compiled code, too. Folders for what is temporary are emptied with each restart of a host or service. */
const COMPILED = fileURLToPath(new URL('../../../../node_modules/.cache/node', import.meta.url));

const scopes = new Map<string, PackageScope>();

/**
 * Makes the start of every command faster; call before anything else is imported.
 *
 * A server consists of more than a thousand files, and to resolve what one of them imports Node.js looks for it, for what it may be
 * a link to, and for the package.json that says what it is: half of the time that loading took. Two things are known without looking:
 * a relative import of an ES module is the name of a file, whole; and all files of one package mean the same by a package's name.
 * Compiled code is kept between starts, too.
 */
export function quickenImports(): void {
  const { status } = enableCompileCache(COMPILED);
  // That folder may not be ours to write.
  if (status === constants.compileCacheStatus.FAILED) enableCompileCache();
  const resolved = new Map<string, ResolveFnOutput>();
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL, conditions, importAttributes } = context;
      const plain = Object.keys(importAttributes ?? {}).length === 0;
      // What `require` names may lack its extension.
      if (!parentURL?.startsWith('file:') || !plain || conditions?.includes('require')) {
        return next(specifier, context);
      }
      if (specifier.startsWith('.')) return fileNamed(specifier, parentURL) ?? next(specifier, context);
      const key = `${scopeOf(parentURL).root} ${specifier}`;
      const known = resolved.get(key) ?? { ...next(specifier, context), shortCircuit: true };
      resolved.set(key, known);
      return known;
    },
  });
}

/** `undefined` when only Node.js knows what kind of file it is. */
function fileNamed(specifier: string, parentURL: string): ResolveFnOutput | undefined {
  const url = new URL(specifier, parentURL).href;
  const format = formatOf(url);
  return format === undefined ? undefined : { url, format, shortCircuit: true };
}

function formatOf(url: string): string | undefined {
  if (url.endsWith('.mjs')) return 'module';
  if (url.endsWith('.js') && scopeOf(url).isModule) return 'module';
  return url.endsWith('.ts') && scopeOf(url).isModule ? 'module-typescript' : undefined;
}

function scopeOf(url: string): PackageScope {
  const folder = url.slice(0, url.lastIndexOf('/') + 1);
  const known = scopes.get(folder);
  if (known) return known;
  const scope = readScope(folder) ?? parentScope(folder);
  scopes.set(folder, scope);
  return scope;
}

function readScope(folder: string): PackageScope | null {
  try {
    const { type } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { type?: unknown };
    return { root: folder, isModule: type === 'module' };
  } catch {
    return null;
  }
}

function parentScope(folder: string): PackageScope {
  const parent = new URL('../', folder).href;
  // A package.json beyond is not about what is in here.
  const isEnd = parent === folder || parent.endsWith('/node_modules/');
  return isEnd ? { root: folder, isModule: false } : scopeOf(parent);
}
