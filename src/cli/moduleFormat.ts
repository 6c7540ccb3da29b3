import { registerHooks, type ResolveFnOutput, type ResolveHookContext } from 'node:module';

/** Folders of packages of which a process loads dozens of modules each: by every manifest in them, ES modules all. */
export const ES_FOLDERS: readonly string[] = [
  '@graphql-tools/merge/esm',
  '@graphql-tools/schema/esm',
  '@graphql-tools/utils/esm',
  '@noble/ciphers',
  '@noble/curves',
  '@noble/post-quantum',
  'age-encryption',
  'drizzle-orm',
  'graphql-scalars/esm',
  'jose',
  'temporal-polyfill',
  'temporal-utils',
  'type-graphql/build/esm',
  'zod',
];

const PACKAGES = '/node_modules/';
/** Where the product was built. */
const BUILT = new URL('../../', import.meta.url).href;

/**
 * Says of the modules of known packages, and of the product’s own, what they are and where: for each of hundreds Node
 * would look for its file and its package’s manifest, and would read drizzle-orm’s, which names every module of it,
 * again each time (`getFileProtocolModuleFormat` of Node 24): half of the time that a process takes to start.
 */
export function knowModuleFormats(): void {
  const packages = new Map<string, ResolveFnOutput>();
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL = '' } = context;
      if (!specifier.startsWith('.')) {
        if (!isOurs(parentURL) || !isPlainImport(context)) return next(specifier, context);
        // All of ours find a package in one place.
        const found = packages.get(specifier) ?? { ...next(specifier, context), shortCircuit: true };
        packages.set(specifier, found);
        return found;
      }
      const folder = folderOf(parentURL);
      if (folder === undefined) return next(specifier, context);
      const { href } = new URL(specifier, parentURL);
      return href.startsWith(folder) && href.endsWith('.js')
        ? { url: href, format: 'module', shortCircuit: true }
        : next(specifier, context);
    },
  });
}

/** Not `require`, and nothing but code. */
function isPlainImport(context: ResolveHookContext): boolean {
  return context.conditions.includes('import') && Object.keys(context.importAttributes).length === 0;
}

function isOurs(url: string): boolean {
  return url.startsWith(BUILT) && !url.includes(PACKAGES, BUILT.length - 1);
}

/** The folder of ES modules that a module stands in. */
function folderOf(url: string): string | undefined {
  if (isOurs(url)) return BUILT;
  const packages = url.lastIndexOf(PACKAGES) + PACKAGES.length;
  const name = ES_FOLDERS.find((folder) => url.startsWith(`${folder}/`, packages));
  return name === undefined ? undefined : url.slice(0, packages + name.length + 1);
}
