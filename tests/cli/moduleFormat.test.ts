import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { ES_FOLDERS } from '../../src/cli/moduleFormat.js';

const MAIN = 'dist/src/cli/main.js';
const home = mkdtempSync(join(tmpdir(), 'kuramori-start-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Has a process write at its end which packages it loaded, and in which formats. */
const WATCH = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  const seen = {};
  registerHooks({
    load(url, context, next) {
      const [, name] = /node_modules[/]((?:@[^/]+[/])?[^/]+)/.exec(url) ?? [];
      if (name !== undefined) (seen[name] ??= new Set()).add(context.format);
      return next(url, context);
    },
  });
  process.on('exit', () => {
    const formats = Object.entries(seen).map(([name, each]) => [name, [...each]]);
    process.stdout.write(JSON.stringify(Object.fromEntries(formats)));
  });`)}`;

/** The formats of the modules that a command loads, by their packages. */
async function loadedBy(...words: readonly string[]): Promise<Record<string, readonly string[]>> {
  const env = { PATH: process.env['PATH'], KURAMORI_HOME: home };
  const child = spawn(process.execPath, ['--import', WATCH, MAIN, ...words], { env });
  const [output] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return JSON.parse(output) as Record<string, readonly string[]>;
}

const manifestsIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(^|\/)package\.json$/.test(path))
    .map((path) => join(folder, path));

describe('a process of the product', () => {
  test('takes its own modules for what its manifest says', () => {
    expect(JSON.parse(readFileSync('package.json', 'utf8'))).toMatchObject({ type: 'module' });
  });

  test.each(ES_FOLDERS)('takes the modules of %s for what every manifest there says', (name) => {
    const folder = join('node_modules', name);
    const own = existsSync(join(folder, 'package.json')) ? [] : [join(folder, '..', 'package.json')];
    const manifests = [...own, ...manifestsIn(folder)];
    expect(manifests).not.toEqual([]);
    for (const manifest of manifests)
      expect(JSON.parse(readFileSync(manifest, 'utf8'))).toMatchObject({ type: 'module' });
  });

  test('loads the query builder and what builds the schema as ES modules', async () => {
    const expected = { 'drizzle-orm': ['module'], 'graphql-scalars': ['module'], 'type-graphql': ['module'] };
    expect(await loadedBy('gateway')).toMatchObject(expected);
  });

  test('that asks the vault for an operator loads nothing that reaches a database', async () => {
    const loaded = Object.keys(await loadedBy('vault', 'status'));
    expect(loaded).toContain('commander');
    for (const heavy of ['drizzle-orm', 'postgres', 'zod', 'jose', 'fastify'])
      expect(loaded).not.toContain(heavy);
  });
});
