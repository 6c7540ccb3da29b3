import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';

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

describe('a process of the product', () => {
  test('loads the query builder as what its manifest says', async () => {
    const manifest = readFileSync('node_modules/drizzle-orm/package.json', 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({ type: 'module' });
    expect(await loadedBy('worker')).toMatchObject({ 'drizzle-orm': ['module'] });
  });

  test('that asks the vault for an operator loads nothing that reaches a database', async () => {
    const loaded = Object.keys(await loadedBy('vault', 'status'));
    expect(loaded).toContain('commander');
    for (const heavy of ['drizzle-orm', 'postgres', 'zod', 'jose', 'fastify'])
      expect(loaded).not.toContain(heavy);
  });
});
