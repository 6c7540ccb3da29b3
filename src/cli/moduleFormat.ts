import { registerHooks } from 'node:module';

/** Packages of which a process loads dozens of modules, all of them ES modules by every manifest in them. */
export const ES_PACKAGES: readonly string[] = [
  '@noble/ciphers',
  '@noble/curves',
  '@noble/post-quantum',
  'age-encryption',
  'drizzle-orm',
  'jose',
  'kuramori',
  'temporal-polyfill',
  'temporal-utils',
  'zod',
];

/** Where the product was built, when it is no package of somebody else’s. */
const BUILT = new URL('../../', import.meta.url).href;
const PACKAGE = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/**
 * Says of the modules of known packages, and of the product’s own, what they are and where: for each of hundreds Node
 * would look for its file and its package’s manifest, and read drizzle-orm’s, which names every module of it, again
 * each time (`getFileProtocolModuleFormat` of Node 24): half of the time that a process takes to start.
 */
export function knowModuleFormats(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL = '' } = context;
      if (!specifier.startsWith('.') || !isKnown(parentURL)) return next(specifier, context);
      const { href } = new URL(specifier, parentURL);
      return href.endsWith('.js')
        ? { url: href, format: 'module', shortCircuit: true }
        : next(specifier, context);
    },
  });
}

function isKnown(parentUrl: string): boolean {
  const [, name] = PACKAGE.exec(parentUrl) ?? [];
  return name === undefined ? parentUrl.startsWith(BUILT) : ES_PACKAGES.includes(name);
}
