// Whether schema/records and migrations/records say the same: drizzle-kit is asked for the next migration, in a copy.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const copy = mkdtempSync(join(tmpdir(), 'kuramori-drift-'));
try {
  for (const part of ['schema', 'migrations', 'drizzle.config.ts', 'package.json', 'tsconfig.json']) {
    cpSync(part, join(copy, part), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  const folder = join(copy, 'migrations/records');
  const shipped = new Set(readdirSync(folder));
  const run = spawnSync(
    process.execPath,
    [resolve('node_modules/drizzle-kit/bin.cjs'), 'generate', '--name', 'drift'],
    {
      cwd: copy,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const made = readdirSync(folder).filter((name) => name.endsWith('.sql') && !shipped.has(name));
  if (run.status !== 0)
    fail(`drizzle-kit could not compare schema and migrations:\n${run.stdout}${run.stderr}`);
  if (made.length > 0) {
    const sql = made.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
    fail(
      `schema/records is ahead of migrations/records. Run npx drizzle-kit generate --name <what>. Missing:\n${sql}`,
    );
  }
  if (!/No schema changes/.test(run.stdout))
    fail(`drizzle-kit answered neither way:\n${run.stdout}${run.stderr}`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function fail(reason) {
  process.stderr.write(`${reason}\n`);
  process.exitCode = 1;
}
