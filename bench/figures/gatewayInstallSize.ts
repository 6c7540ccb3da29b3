import { execFile } from 'node:child_process';
import { copyFileSync, globSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RELEASE_ROOT } from '../../src/kernel/paths.js';
import { progress, type FigureLine } from '../support/figure.js';
import { assertMeasured } from '../support/rounds.js';

const BYTES_PER_MEGABYTE = 1_000_000;
const LIMIT_MEGABYTES = 200;
const LARGEST_SHOWN = 5;

/**
 * 導入サイズ: megabytes of what `npm ci --omit=dev` brings, beside the program itself: the bytes of all files of
 * node_modules. There is no floor: without packages there would be none.
 */
export async function gatewayInstallSize(): Promise<readonly FigureLine[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-install-'));
  try {
    for (const file of ['package.json', 'package-lock.json'])
      copyFileSync(join(RELEASE_ROOT, file), join(folder, file));
    await installed(folder);
    const sizes = packageSizes(join(folder, 'node_modules'));
    const bytes = sizes.reduce((sum, size) => sum + size.bytes, 0);
    assertMeasured(sizes.length > 0, 'The installation brought no packages.');
    const largest = sizes.toSorted((a, b) => b.bytes - a.bytes).slice(0, LARGEST_SHOWN);
    for (const { name, bytes: each } of largest)
      progress(`  ${name}: ${(each / BYTES_PER_MEGABYTE).toFixed(1)} MB`);
    const value = bytes / BYTES_PER_MEGABYTE;
    const limit = { most: LIMIT_MEGABYTES };
    return [{ figure: 'gateway.install_size', value, unit: 'MB', limit, parts: { packages: sizes.length } }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What npm has in its cache is not fetched again. */
async function installed(folder: string): Promise<void> {
  const npm = process.env['npm_execpath'];
  const options = ['ci', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund'];
  const [program, ...first] = npm?.endsWith('.js') === true ? [process.execPath, npm] : ['npm'];
  await promisify(execFile)(program, [...first, ...options], { cwd: folder });
}

function packageSizes(modules: string): readonly { readonly name: string; readonly bytes: number }[] {
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  return names
    .filter((name) => !name.startsWith('.'))
    .map((name) => ({ name, bytes: bytesIn(join(modules, name)) }));
}

function bytesIn(folder: string): number {
  return globSync('**', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + lstatSync(join(entry.parentPath, entry.name)).size, 0);
}
