import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { lexicographicSortSchema, parse, printSchema, validate, type OperationDefinitionNode } from 'graphql';
import { BUILT_IN_ROLES, type BuiltInRole } from '../access/roles.js';
import { accessMatrix } from '../gateway/schema/matrix.js';
import { describePlan } from '../gateway/plan/describe.js';
import { buildSchema } from '../gateway/schema/build.js';
import { RESOLVERS } from '../gateway/schema/resolvers.js';
import { configurationReference } from '../config/reference.js';
import { errorTable } from '../kernel/errorTable.js';
import { KuramoriError } from '../kernel/errors.js';
import { RELEASE_ROOT } from '../kernel/paths.js';

/** Files that are printed from the code, by path in the release. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const schema = buildSchema(RESOLVERS);
  return new Map([
    ['schema/gateway.graphql', `${printSchema(lexicographicSortSchema(schema))}\n`],
    ['schema/access-matrix.csv', accessMatrix(schema)],
    ['docs/errors.md', errorTable()],
    ['docs/configuration.md', configurationReference()],
  ]);
}

/** `kuramori schema`, `kuramori plan`. */
export function registerSchemaCommands(program: Command): void {
  const schema = program
    .command('schema')
    .description('the published schema and what else is printed from the code');
  schema.command('print').description('write all generated files').action(writeGenerated);
  schema.command('check').description('fail when a generated file is stale').action(checkGenerated);
  program
    .command('plan <file>')
    .description('show SQL, verdicts and audit entries of an operation')
    .requiredOption('--role <role>', 'role that asks')
    .option('--operation <name>', 'operation of the document')
    .action((file: string, options: { role: string; operation?: string }) => printPlan(file, options));
}

function writeGenerated(): void {
  for (const [path, content] of generatedFiles()) {
    const file = join(RELEASE_ROOT, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    process.stdout.write(`${path}\n`);
  }
}

function checkGenerated(): void {
  const stale = [...generatedFiles()]
    .filter(([path, content]) => current(path) !== content)
    .map(([path]) => path);
  if (stale.length > 0)
    throw new KuramoriError(
      'CONFLICT',
      `These generated files are stale: ${stale.join(', ')}. Run npm run generate.`,
    );
  process.stdout.write('Generated files are as the code prints them.\n');
}

function current(path: string): string {
  try {
    return readFileSync(join(RELEASE_ROOT, path), 'utf8');
  } catch {
    return '';
  }
}

function printPlan(file: string, options: { role: string; operation?: string }): void {
  if (!Object.hasOwn(BUILT_IN_ROLES, options.role)) {
    throw new KuramoriError('BAD_INPUT', `The role is not one of ${Object.keys(BUILT_IN_ROLES).join(', ')}.`);
  }
  const schema = buildSchema(RESOLVERS);
  const source = readFileSync(file, 'utf8');
  const document = parse(source);
  const faults = validate(schema, document);
  if (faults.length > 0)
    throw new KuramoriError(
      'BAD_INPUT',
      `The document does not fit the schema: ${faults.map(({ message }) => message).join(' ')}`,
    );
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === 'OperationDefinition' &&
      (options.operation === undefined || definition.name?.value === options.operation),
  );
  if (!operation) throw new KuramoriError('BAD_INPUT', 'The document has no operation of that name.');
  process.stdout.write(
    describePlan(schema, document, operation, BUILT_IN_ROLES[options.role as BuiltInRole]),
  );
}
