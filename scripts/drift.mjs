// Whether the tables of schema/<name> and migrations/<name> say the same: drizzle-kit is asked for the next migration,
// in a copy.
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
  for (const name of ['records', 'vault']) compare(name);
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function compare(name) {
  const folder = join(copy, 'migrations', name);
  const shipped = new Set(readdirSync(folder));
  const run = spawnSync(
    process.execPath,
    [resolve('node_modules/drizzle-kit/bin.cjs'), 'generate', '--name', 'drift'],
    {
      cwd: copy,
      env: { ...process.env, KURAMORI_SCHEMA: name },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  if (run.status !== 0) {
    fail(`drizzle-kit could not compare schema/${name} and migrations/${name}:\n${run.stdout}${run.stderr}`);
    return;
  }
  const made = readdirSync(folder).filter((file) => file.endsWith('.sql') && !shipped.has(file));
  if (made.length > 0) {
    const sql = made.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
    fail(
      `schema/${name} is ahead of migrations/${name}. ` +
        `Run KURAMORI_SCHEMA=${name} npx drizzle-kit generate --name <what>. Missing:\n${sql}`,
    );
  } else if (!/No schema changes/.test(run.stdout)) {
    fail(`drizzle-kit answered neither way for ${name}:\n${run.stdout}${run.stderr}`);
  }
}

function fail(reason) {
  process.stderr.write(`${reason}\n`);
  process.exitCode = 1;
}
