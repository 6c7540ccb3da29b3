import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseSync } from '@swc/core';

/** The client as `tsc` builds it, in a folder of its own: what stands in `dist` may be of another day. */
export interface CompiledClient {
  readonly folder: string;
  /** Of the module to import, relative to the folder. */
  readonly entry: string;
  /** Of the script that uses it in a browser. */
  readonly page: string;
  remove(): void;
}

/** @param page script that uses it in a browser, of this folder */
export function compileClient(page = 'page'): CompiledClient {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-client-'));
  const project = {
    extends: resolve('tsconfig.json'),
    compilerOptions: {
      rootDir: resolve('.'),
      outDir: folder,
      incremental: false,
      sourceMap: false,
      typeRoots: [resolve('node_modules/@types')],
    },
    include: [resolve('src/client'), resolve(`tests/client/support/${page}.ts`)],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  execFileSync(resolve('node_modules/.bin/tsc'), ['-p', folder], { stdio: ['ignore', 'inherit', 'inherit'] });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    entry: 'src/client/index.js',
    page: `tests/client/support/${page}.js`,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Every file that a module reaches by relative imports, and every other name that these files import. */
export function reachedFrom(module: string): { files: string[]; names: string[] } {
  const files = new Set<string>();
  const names = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const name of importsOf(readFileSync(file, 'utf8')))
      if (name.startsWith('.')) visit(join(dirname(file), name));
      else names.add(name);
  };
  visit(module);
  return { files: [...files].toSorted(), names: [...names].toSorted() };
}

/** What a module imports, in whatever form; `require` counts, though the client could not call it. */
function importsOf(code: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== 'object' || node === null) return;
    const { type, source, callee, arguments: given } = node as SyntaxNode;
    const from = literal(source);
    if (from !== undefined) found.push(from);
    if (type === 'CallExpression' && (callee?.type === 'Import' || callee?.value === 'require'))
      found.push(literal(given?.[0]?.expression) ?? 'a name that is computed');
    Object.values(node).forEach(visit);
  };
  visit(parseSync(code, { syntax: 'ecmascript', target: 'es2022' }).body);
  return found;
}

function literal(node: SyntaxNode | null | undefined): string | undefined {
  return node?.type === 'StringLiteral' ? node.value : undefined;
}

/** What is read of the nodes of the parser. */
interface SyntaxNode {
  readonly type: string;
  /** Of a literal or an identifier. */
  readonly value?: string;
  readonly source?: SyntaxNode | null;
  readonly callee?: SyntaxNode;
  readonly arguments?: readonly { readonly expression: SyntaxNode }[];
}
