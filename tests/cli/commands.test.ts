import { Command } from 'commander';
import { expect, test } from 'vitest';
import { COMMANDS, registerCommands } from '../../src/cli/commands.js';

const namesOf = (program: Command) => program.commands.map((command) => command.name());

test.each(COMMANDS.map(([names, load]) => ({ names, load })))(
  '$names are the commands that their file registers',
  async ({ names, load }) => {
    const program = new Command('kuramori');
    (await load())(program);
    expect(namesOf(program)).toEqual(names);
  },
);

test('a command is registered alone, and all of them where nothing or something unknown is asked for', async () => {
  const registered = async (asked: string | undefined) => {
    const program = new Command('kuramori');
    program.command('up');
    await registerCommands(program, asked);
    return namesOf(program);
  };
  const all = COMMANDS.flatMap(([names]) => names);
  expect(await registered('evidence')).toEqual(['up', 'vault', 'evidence']);
  expect(await registered('up')).toEqual(['up']);
  for (const asked of [undefined, '--help', 'nonsense'])
    expect(await registered(asked)).toEqual(['up', ...all]);
});
