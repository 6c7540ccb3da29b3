import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, expect, test, vi } from 'vitest';
import { registerSchemaCommands } from '../../src/cli/schema.js';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-plan-'));

/** What `kuramori plan` prints for a document. */
async function planned(source: string | undefined, ...options: readonly string[]): Promise<string> {
  const file = join(folder, source === undefined ? 'missing.graphql' : 'asked.graphql');
  if (source !== undefined) writeFileSync(file, source);
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const program = new Command('kuramori');
  registerSchemaCommands(program);
  const role = options.includes('--role') ? [] : ['--role', 'counterClerk'];
  await program.parseAsync(['plan', file, ...role, ...options], { from: 'user' });
  return printed.mock.calls.map(([text]) => String(text)).join('');
}

afterEach(() => vi.restoreAllMocks());

const FILTER =
  'query($filter: AddresseeFilter!) { addressees(filter: $filter, first: 1) { nodes { name phone } } }';

test('a plan is printed for a role, and for the variables of one request', async () => {
  const text = await planned(FILTER, '--variables', '{"filter": {"kana": "サ"}}');
  expect(text).toContain('"kana_folded"');
  expect(text).toMatch(/\nAddressee\.phone +mask +function:addressee:contact\n/);
});

test('of several operations the one named is planned', async () => {
  const two = 'query A { viewer { actorId } } query B { taxItems { nodes { name } } }';
  expect(await planned(two, '--operation', 'B')).toContain('TaxItem.name');
  await expect(planned(two)).rejects.toThrow('several operations. Name one of them with --operation.');
  await expect(planned(two, '--operation', 'C')).rejects.toThrow('no operation of that name');
});

test.each([
  ['is not there', undefined, [], /cannot be read from .*missing\.graphql \(ENOENT\)\./],
  ['is empty', '', [], 'The document is not GraphQL in line 1, column 1: Syntax Error: Unexpected <EOF>.'],
  ['is no GraphQL', '{ viewer {\n  actorId', [], 'The document is not GraphQL in line 2, column 10'],
  ['does not fit the schema', '{ nothing }', [], 'Cannot query field "nothing" on type "Query".'],
  ['depends on variables', FILTER, [], 'depends on what $filter holds. Give it with --variables.'],
  ['has no such variables', FILTER, ['--variables', '[1]'], 'The variables are not an object of JSON'],
  ['has broken variables', FILTER, ['--variables', '{'], 'The variables are not an object of JSON'],
  ['is asked for nobody', FILTER, ['--role', 'toString'], 'The role is not one of collectionClerk'],
  [
    'is over a limit',
    '{ receipts(first: 100) { nodes { allocations(first: 100) { nodes { receipt { id } } } } } }',
    [],
    'The operation exceeds the limit for cost',
  ],
] as const)('a document that %s is answered with what is wrong', async (_, source, options, message) => {
  await expect(planned(source, ...options)).rejects.toThrow(message);
});
