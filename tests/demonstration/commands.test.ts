import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerDemoCommands } from '../../src/cli/demo.js';
import { testDatabase } from '../support/database.js';

const db = await testDatabase();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kuramori-demo-'));
  vi.stubEnv('RECORDS_DATABASE_URL', db.urls.owner);
});

afterEach(() => vi.restoreAllMocks());

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a command line and answers what it printed. */
async function run(...line: string[]): Promise<string> {
  const printed: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  const program = new Command('kuramori').exitOverride().configureOutput({ writeErr: () => undefined });
  registerDemoCommands(program);
  for (const command of program.commands)
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(line, { from: 'user' });
  return printed.join('');
}

describe('kuramori demo', () => {
  it('refuses a number of people that is none', async () => {
    await expect(run('demo', '--people', 'many')).rejects.toMatchObject({
      code: 'commander.invalidArgument',
    });
  });

  it('refuses to write files before there is a municipality', async () => {
    await expect(run('demo', 'files', folder)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('fills the database and says with how much', async () => {
    expect(await run('demo', '--people', '200', '--seed', '5')).toMatch(
      /municipality is filled:\n +[\d,]+ {2}levy_line\n/,
    );
  });

  it('writes the files of that municipality', async () => {
    expect(await run('demo', 'files', folder, '--seed', '5')).toContain('expected.json');
    expect(await readdir(folder)).toHaveLength(4);
  });

  it('refuses to fill it again', async () => {
    await expect(run('demo', '--people', '200')).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
